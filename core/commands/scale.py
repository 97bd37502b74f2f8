"""``sweep``: many runs of a room, with other settings each."""

from __future__ import annotations

import argparse


def register(verbs, rooms: list[str]) -> None:
    command = verbs.add_parser(
        "sweep", help="Try settings of a recipe one after the other (Optuna); killed, it goes on where it was.",
        description="Try settings of a recipe one after the other: TPE chooses, what validates badly is ended early. The "
                    "database is that of CARDIOSCOPE_SWEEPS, or SQLite below the runs folder.")
    command.set_defaults(verb=sweep)
    command.add_argument("modality", choices=rooms)
    command.add_argument("--recipe", nargs="+", default=[], metavar="KEY=VALUE", help="settings of all trials, such as data=DIR")
    command.add_argument("--space", nargs="+", default=[], metavar="KEY=VALUES",
                         help="what is varied: key=a,b,c or key=low..high or key=low..high:log")
    command.add_argument("--grid", default=None, metavar="TITLE", help="a ready sweep, from the source systems (--list)")
    command.add_argument("--trials", type=int, default=20)
    command.add_argument("--name", default=None, help="of the sweep; one that is there goes on")
    command.add_argument("--goal", default=None, metavar="FIGURE", help="of metrics.json, or a curve")
    command.add_argument("--minimize", action="store_true", help="the smaller the goal, the better")
    command.add_argument("--watch", default=None, metavar="CURVE", help="by which trials are ended early")
    command.add_argument("--at-once", type=int, default=1, metavar="N", help="trials at once, on a cluster")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--list", action="store_true", help="only say which ready sweeps and which studies there are")


def sweep(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from core.training import sweep as sweeps
    from core.training.grids import Goal, goal, grids
    from core.training.recipe import RecipeError
    from core.training.space import merged, nested, parsed, value_of

    if options.list:
        return _list(options.modality)
    grid = None
    if options.grid is not None and (grid := grids(options.modality).get(options.grid)) is None:
        raise RecipeError(f"There is no ready sweep {options.grid!r}.", f"Choose one of {', '.join(grids(options.modality))}.")
    space = (dict(grid.space) if grid else {}) | dict(map(parsed, options.space))
    given = {}
    for item in options.recipe:
        key, _, value = item.partition("=")
        given = merged(given, nested({key: value_of(value)}, {}))
    wanted = (grid and grid.goal) or goal(options.modality)
    if options.goal:
        wanted = Goal(options.goal, "minimize" if options.minimize else "maximize", options.watch or "")
    elif options.watch is not None:
        wanted = Goal(wanted.figure, wanted.direction, options.watch)
    with tqdm(desc=options.modality, unit=" trials") as bar:

        def done(trials: int, of: int) -> bool:
            bar.total = of
            bar.update(trials - bar.n)
            return True

        found = sweeps.sweep(options.modality, space, options.trials, settings=merged(grid.settings if grid else {}, given),
                             goal=wanted, name=options.name, seed=options.seed, at_once=options.at_once,
                             source=grid.source if grid else "", done=done)
    _show(found)
    return 0 if found.best else 1


def _list(room: str) -> int:
    from core.training.grids import grids
    from core.training.studies import studies

    for title, grid in grids(room).items():
        print(f"{title}\n  {grid.source}\n  varies {', '.join(grid.space)}; {grid.combinations or 'no end of'} combinations"
              + (f"; needs {grid.needs}" if grid.needs else ""))
    for study in studies(room):
        print(f"{study.name}: {study.state}, {len(study.trials)} of {study.wanted} trials"
              + (f", best {study.best.value:.4f} (trial {study.best.number})" if study.best else ""))
    return 0


def _show(study) -> None:
    from core.training.studies import importance

    for one in study.trials:
        what = f"{one.value:.4f}" if one.value is not None and one.state == "done" else one.state
        said = " ".join(f"{key}={value}" for key, value in one.values.items())
        print(f"{one.number:3} {what:>12}  {said}  {one.reason}".rstrip())
    for name, share in importance(study).items():
        print(f"{name} makes {share:.0%} of the spread")
    if study.best:
        print(f"{study.name}: best {study.goal.figure} {study.best.value:.4f} in trial {study.best.number}, run {study.best.run}")

"""What ``python -m core`` can do beside the rooms' own verbs: one module a topic, each with ``register(verbs, rooms)``.

``verbs`` is what ``ArgumentParser.add_subparsers`` returned, ``rooms`` the names of the built ones. A command sets the default
``verb``, a function of the parsed arguments that returns the exit status; what it needs is imported when it is called.
"""

"""Words that say whether a drug is taken: before its name, after it, and over a list.

After NegEx (Chapman et al. 2001, J Biomed Inform 34:301-310): a trigger, its scope, and what ends the scope. English, and the
commonest words of German and Spanish.
"""

from __future__ import annotations

import re

CURRENT, STOPPED, INTOLERANT, NEVER, PLANNED = STATUSES = ("current", "stopped", "intolerant", "never", "planned")
NOTHING = "nothing"  # "no allergy to aspirin" says nothing of whether it is taken

# Kinds of scope. "near": but for a few small words, the drug follows at once. "far": some words may stand between.
_FILL = (r"(?:any|current|currently|regular|previous|prior|other|further|additional|oral|iv|i\.v\.|po|concomitant|use|of|"
         r"therapy|"
         r"treatment|with|a|an|the|his|her|on|taking|taken|been|was|to|for|from|need|indication|more|started|all|both|"
         r"either|tab|"
         r"tablets?|cap|dose|doses|low|high|loading|maintenance|mit|von|einem|einer|eine|einen|de|del|el|la|los|un|una|con|"
         r"long|term|chronic|home|daily|in|by|as|such|prescribed|known|non|selective|that|old|new|given|agent)")
NEAR = re.compile(rf"[ \t\"'“]{{0,4}}(?:(?:{_FILL}|\d+(?:[.,]\d+)?[ ]?(?:mg|mcg|µg|g|"
                  rf"units?)?)\b[ \t]{{1,3}}){{0,6}}[\"'“]?", re.IGNORECASE)
FAR = re.compile(r"[^.;,:()\n]{0,48}")

BEFORE = re.compile("|".join((
    # says nothing of intake
    r"(?P<nothing_far>\b(?:no|not|non|without|denies|any|keine|ohne|sin|kein) (?:known |drug |documented |history of |"
    r"hx of )?"
    r"(?:allerg(?:y|ies|ic)|intoleran(?:ce|t)|contra-?indications?|hypersensitivity|side effects?|adverse reactions?|"
    r"allergie|"
    r"alergia|unverträglichkeit)s? (?:to|of|from|for|with|gegen|auf|a)\b)",
    r"(?P<current_far>\b(?:no|without|denies|ohne|sin) (?:\w+ )?(?:changes?|problems?|side effects?|issues|bleeding|"
    r"missed doses|"
    r"complications?|symptoms|trouble|reduction|increase|reason to stop|plans? to stop) (?:to|of|in|from|with|on|under|"
    r"unter|con)?\b|"
    r"\b(?:consider|considering|plan to|discuss|discussed|considered|if) (?:stop|discontinu|hold|withhold|reduc|wean|"
    r"withdraw)\w*|"
    r"\b(?:not|never|n't|didn't|did not|do not|don't) (?:be(?:en)? )?(?:stop|discontinu|hold|held|suspend|withdraw|pause|"
    r"cease|miss)\w*)",
    # not tolerated
    r"(?P<intolerant_far>\bintoleran(?:t|ces?)\b(?: (?:of|to|for|a))?|\b(?:allergic|allerg(?:y|ies)|hypersensitiv(?:e|"
    r"ity))(?: to)?\b|"
    r"(?:\bnot|n't|\bcannot|\bunable to|\bfailed to|\bnever|\bpoorly) (?:\w+ )?tolerat(?:e|ed|es|ing)\b|\bunable to take\b|"
    r"\bcontra-?indicat(?:ed|ions?)(?: to| for)?\b|\badverse reactions? (?:to|with|on)\b|\b(?:reaction|reacted) to\b|"
    r"\b(?:angio-?o?edema|anaphylaxis|rash|hives|cough(?:ed)?|coughing|husten|tos|gynaecomastia|gynecomastia|myalgia|"
    r"myopathy|"
    r"rhabdomyolysis) (?:on|with|from|due to|to|under|unter|after|caused by|induced by|con|secondary to)\b|"
    r"\b(?:unverträglich(?:keit)?|allergie|allergisch|intoleran[cz]ia|intolerante|al[eé]rgic[oa]|alergia|verträgt kein\w*|"
    r"kontraindikation|contraindicaci[oó]n|no tolera|no toler[oó])(?: (?:von|gegen|auf|gegenüber|für|a|al|para))?\b)",
    # stopped before now
    r"(?P<history_near>\b(?:previous(?:ly)?|former(?:ly)?|prior|past|remote|historical|ex)(?! to\b)(?: (?:on|took|taking|"
    r"taken|treated with|"
    r"received|use of|used|had|treatment with|therapy with))?\b|\b(?:history of|h/o|hx of)\b|\bwas (?:previously |"
    r"formerly |once )?on\b|"
    r"\bhad been (?:on|taking)\b|\bused to (?:take|be on)\b|\b(?:früher|vormals|ehemals|zuvor|anteriormente|previamente|"
    r"antes|"
    r"vorher)\b|\btook\b|\b(?:z\.n\.|zustand nach) (?:therapie mit|einnahme von))",
    r"(?P<stopped_near>\boff\b(?!-| label| and on|-label)|\bno (?:longer|more)(?: (?:on|takes?|taking|uses?|using|"
    r"receiv(?:es|ing)|requir(?:es|ing)|"
    r"needs?|prescribed|given))?\b|\binstead of\b|\bin place of\b|\breplac(?:ed|ing)\b|\bnot any ?more\b|\bya no (?:toma)?)",
    r"(?P<stopped_far>\b(?:stop(?:ped|ping|s)?|discontinu(?:e|es|ed|ing|ation of)|ceas(?:ed?|ing)|withdr(?:ew|awn|aw|"
    r"awal of)|"
    r"with(?:held|hold|holding)|held|hold|holding|paus(?:ed?|ing)|suspend(?:ed|ing|er|ido|ida|e)?|wean(?:ed)? (?:off|from)|"
    r"d/c(?:'?e?d)?|dc'?d|came off|gave up|self-discontinued|retir(?:ar|ado|ada|a)|dej[oó] de tomar|absetzen (?:von|des|der)|"
    r"pausier(?:t|en)|abgesetzt(?: wurden?)?|interrumpid[oa])\b)",
    r"(?P<from_near>\b(?:switch(?:ed|ing)?|chang(?:ed?|ing)|convert(?:ed|ing)?|transition(?:ed|ing)?|umgestellt|"
    r"umstellung|cambiad[oa]|"
    r"rotated) (?:\w+ )?(?:from|von|de)\b)",
    # planned
    r"(?P<planned_near>\b(?:consider(?:ing|ation of)?|might (?:need|add|start)|may (?:need|benefit from)|(?:would|could|"
    r"should) "
    r"(?:benefit from|add|start|be started on|have|receive|consider|initiate|be on)|candidate for|eligible for|suitable for|"
    r"recommend(?:ed|s|ing)?|suggest(?:ed|s)?|propos(?:ed?|ing)|trial of|discuss(?:ed|ing)?|advis(?:ed?|ing)|"
    r"plan(?:s|ned|ning)?(?: (?:to|for))?(?: (?:start(?:ing)?|add(?:ing)?|initiat(?:e|ing)|begin|introduce|commence|try|"
    r"switch to|give|"
    r"prescribe))?|(?:to |will |please |can |then |aim to |intend to |hope to )(?:be )?(?:start(?:ed)?|add(?:ed)?|"
    r"initiate[d]?|begin|begun|"
    r"commence[d]?|introduce[d]?|resume[d]?|restart(?:ed)?|switch(?:ed)? to|try|prescribe|give|need)(?: on)?|start|"
    r"starting|add|adding|initiate|"
    r"initiation of|begin|commence|introduce|introduction of|resume|restart|reintroduce|switch to|change to|awaiting|pending|"
    r"erwägen|geplant|beginn mit|beginn einer|ansetzen|wir empfehlen|empfohlen|valorar|considerar|iniciar|a[ñn]adir|"
    r"se recomienda|"
    r"indication for|need for|not (?:yet|been) started(?: on)?)\b|(?<!\w)\?(?= ?\w))",
    # not taken
    r"(?P<never_near>\b(?:not|n't|never|isn't|nicht|nie) (?:(?:currently|yet|been|had|had been|presently|ever|was|now|"
    r"regularly) ){0,2}(?:on|taking|taken|given|receiv(?:ing|ed)|"
    r"using|used|prescribed|started(?: on)?|take|receive|use|have|had|tried|treated with|require|need)\b|\b(?:never|"
    r"without|denies(?: taking| use of)?|"
    r"neither|nor|nil|avoid(?:s|ed|ing|ance of)?|declin(?:ed|es)|refus(?:ed|es)|no (?:need|indication|role) for|"
    r"absence of|lack of|lacks|"
    r"no|not|none of|non|naive to|kein(?:e[nmrs]?)?|ohne|nie|niemals|nicht|weder|sin|nunca|no toma|no recibe|"
    r"ning[uú]n[ao]?|ni|cannot take|"
    r"must not (?:take|have)|do not (?:give|start|use|prescribe)|don't (?:give|start|use))\b|(?<!\w)w/o\b)",
    # taken
    r"(?P<current_near>\b(?:(?:re)?started(?: on)?|commenced(?: on)?|initiated(?: on)?|resumed|reintroduced|reinstated|"
    r"recommenced|added|"
    r"(?:switched|changed|converted) (?:back )?to|increas(?:ed?|ing)|reduc(?:ed?|ing)|decreas(?:ed?|ing)|(?:up|"
    r"down)-?titrat(?:ed?|ing|ion of)|titrat(?:ed?|ing)|"
    r"adjust(?:ed)?|optimis(?:ed?|ing)|optimiz(?:ed?|ing)|on|takes?|taking|continu(?:e|es|ed|ing)|current(?:ly)?(?: on)?|"
    r"now(?: on)?|maintain(?:ed)?(?: on)?|receiv(?:es|ing|ed)|"
    r"prescribed|given|treated with|tolerat(?:es|ing|ed)|remains on|stays on|keep|including|weiter(?:hin)?|nimmt|erhält|"
    r"unter|"
    r"aktuell|toma|recibe|en tratamiento con|actualmente|contin[uú]a|replaced (?:by|with)|ersetzt durch|because of|"
    r"despite|uses?|using)\b)",
)), re.IGNORECASE)

# After a name and its dose: small words, then what became of it.
_AUX = (r"(?:(?:was|were|is|are|has|have|had|been|be|being|therapy|treatment|recently|subsequently|since|then|now|"
        r"temporarily|"
        r"both|all|currently|initially|and|later|permanently|previously|already|wurden?|ist|sind|bei|wegen|fue|fueron|ha|"
        r"sido|seit|"
        r"on admission|in hospital|last (?:week|month|year)|today|yesterday|by \w+|in (?:19|20)\d\d|(?:19|20)\d\d|which|"
        r"that|got|dose|the patient|"
        r"tablets?|tabs?|patch(?:es)?|spray|drip|infusion|po|oral|iv|sc|inj|xl|sr|er|use|daily|so far|again|patient|he|"
        r"she)\b[ \t]{0,2}[,:]?[ \t]{0,2}){0,5}")
_FORM = (r"(?:[ \t](?:succinate|tartrate|sodium|sod|hcl|hydrochloride|potassium|besylate|besilate|calcium|fumarate|"
         r"maleate|bisulfate|"
         r"medoxomil|cilexetil|etexilate|patch(?:es)?|spray|tablets?|tabs?|capsules?|caps?|drops|drip|infusion|po|oral|iv|"
         r"sc|xl|sr|er|cr|mr|la|"
         r"ec|retard|zok|chewable|inj|injection|therapy|treatment|use|dose)\b){0,3}")
_OPEN = r"[ \t]{0,3}(?:\([^()\n]{1,30}\))?[ \t]{0,2}[(\[:,=|–—?\t-]{0,2}[ \t]{0,3}"
AFTER = re.compile(rf"{_FORM}(?P<open>{_OPEN})(?P<aux>{_AUX})(?:" + "|".join((
    r"(?P<current>\b(?:not|never) (?:be(?:en)? )?(?:stopped|discontinued|held|withheld|suspended)\b|\b(?:continu(?:e|es|"
    r"ed|ing)|ongoing|restarted|resumed|reinstated|"
    r"reintroduced|well[ -]tolerated|tolerated|up-?titrated|increased|reduced|decreased|started|commenced|initiated|added|"
    r"fortgeführt|weitergeführt|weiter|begonnen|iniciad[oa])\b|(?<=[:=|?] )(?:yes|ja|s[ií])\b|(?<=[:=|?])(?:yes|ja|s[ií])\b)",
    r"(?P<intolerant>\bintoleran(?:t|ces?|cia)\b|\b(?:allerg(?:y|ies|ic)|allergie|alergia)\b|\b(?:not|poorly|never|"
    r"badly) (?:well )?tolerated\b|\bcontra-?indicated\b|"
    r"\bhypersensitivity\b|\bangio-?o?edema\b|\b(?:-| )?induced (?:cough|angio-?o?edema)\b|\bcaused (?:\w+ )?(?:cough|"
    r"angio-?o?edema|rash)\b|\bside effects?\b(?= *[),.;\n]|$)|"
    r"\b(?:unverträglich(?:keit)?|nicht vertragen|kontraindiziert|no tolerad[oa]|contraindicad[oa]|mal tolerad[oa])\b|"
    r"\bcough\b(?! (?:improv|resolv|settl|better|mixture|syrup)))",
    r"(?P<planned>\b(?:planned|to be (?:re)?(?:started|added|introduced|considered|initiated|commenced|resumed)|"
    r"to (?:re)?start|proposed|recommended|considered|"
    r"pending|suggested|geplant|empfohlen|prevista?o?|should be (?:started|considered|added)|will be (?:started|added))\b)",
    r"(?P<never>\b(?:never(?! (?:miss|stop|fail|discont|held))|"
    r"not (?:yet )?(?:taken|given|started|indicated|prescribed|used|required|needed)|refused|"
    r"declined|avoided|"
    r"na[iï]ve|nicht (?:gegeben|indiziert|begonnen))\b|(?:(?<=[:=|?\t–-])|(?<=[:=|?\t–-] ))(?:no|none|nil|nein|kein\w?|"
    r"nicht|0(?![.,]?\d))\b(?! (?:change|side|problem|longer))|"
    r"(?<= )(?:no|none|nil)(?=\s*(?:[,.;\n)]|\Z)))",
    r"(?P<stopped>\b(?:stopped|discontinued|ceased|withdrawn|held|withheld|on hold|paused|suspended|d/c'?e?d?|dc'?d|"
    r"finished|completed|"
    r"weaned(?: off)?|off|terminated|no longer (?:taken|needed|required|used|prescribed|on)|replaced (?:by|with)|"
    r"switched to|changed to|converted to|"
    r"taken off|self-discontinued|abgesetzt|pausiert|beendet|gestoppt|ersetzt durch|umgestellt auf|suspendid[oa]s?|"
    r"retirad[oa]s?|interrumpid[oa]s?|"
    r"discontinuad[oa]s?|(?:hasta|until|till|bis) (?:\w{1,10} ){0,2}(?:19|20)\d\d)(?!\w)(?! label|-label)|(?:19|"
    r"20)\d\d ?(?:-|–|to) ?(?:19|20)\d\d\b|→|->)",
)) + ")", re.IGNORECASE)
AGAIN = re.compile(r"\b(?:re-?started|resumed|re-?introduced|reinstated|recommenced|re-?commenced|wieder begonnen|"
                   r"wieder angesetzt|reiniciad[oa])\b",
                   re.IGNORECASE)
PLURAL = re.compile(r"\b(?:were|are|have|both|all|wurden|sind|fueron)\b", re.IGNORECASE)
IF = re.compile(r"\s{0,2}(?:\w+ ){0,3}?(?:if|when|for (?:sbp|hr|bp|heart|systolic|map)|prior to|before|falls|wenn|si|"
                r"unless)\b", re.IGNORECASE)
IMPERATIVE = re.compile(r"(?:stop|hold|withhold|discontinue|pause|suspend|cease)$", re.IGNORECASE)

ENDS = re.compile(r"[\n;|•]|\.(?=\s|$)(?<!tab\.)(?<!inj\.)(?<!cap\.)|[()\[\]]|\s[-–—]\s|→|"
                  r"\b(?:but|however|although|though|except|whereas|while|aber|jedoch|sondern|pero|aunque|"
                  r"salvo)\b", re.IGNORECASE)
SEPARATED = re.compile(  # what stands between two names of one list
    r"\s{0,3}(?:(?P<either>,?\s?(?:\b(?:or|nor|oder|noch|ni|and/or)\b|\bo\b))|(?P<both>,?\s?(?:\b(?:and|und|y|plus|sowie|"
    r"e)\b|&))|(?P<slash>[/+])|(?P<comma>,))?"
    r"\s{0,3}(?:(?:a|an|the|any|other|his|her|other|with|to)\s)?\s{0,2}", re.IGNORECASE)

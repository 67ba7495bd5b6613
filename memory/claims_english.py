"""Small facts in an English sentence, by rule."""

# ruff: noqa: E501 - a pattern reads best on its own line

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .facts import Kind

Found = tuple[str, str, Kind, tuple[int, int]]
"""Attribute, value, kind, and where in the sentence."""

_TURNS: Final = (
    r"but|so|because|since|now|though|which|who|where|when|while|after|before|as of|starting|these days|at the moment|instead|from now|"
    r"again|please|too|already|by the way|btw|until|till|except|lol|pls|(?:do|can|could) (?:you|u)|(?:last|this) (?:week|month|year)|yesterday|today|recently|any ?more|not"
)
_END: Final = rf"(?i:(?=\s*(?:[,;.!?]?\s*$|[,;]|\s(?:and|{_TURNS})\b|\s[-–—(])))"
_LIST_END: Final = re.compile(rf"[.!?]?\s*$|;|\s(?:{_TURNS})\b|\s[-–—(]", re.IGNORECASE)
_VALUE: Final = rf"(?P<v>[^,;!?\n]{{1,60}}?){_END}"
_LIST: Final = r"(?P<v>[^;!?\n]{1,120})"
_PLACE: Final = (
    r"(?P<v>[^;!?\n]{2,80}?)(?i:(?=\s*(?:[;.!?]?\s*$|,\s*(?:and|but|so|i|my|which|where|if|not|please|because|since)\b|;|"
    r"\s(?:and (?:i|my|we|they|it|he|she|the|you|there)|but|so|because|since|now|with|which|where|when|while|after|these days|at the moment|from now|instead|btw|lol|pls|until|till|"
    r"(?:last|this) (?:week|month|year|summer|spring|autumn|fall|winter)|yesterday|today|recently|for (?:work|a|my)|"
    r"in (?:january|february|march|april|may|june|july|august|september|october|november|december))\b|\s[-–—(])))"
)
_VALUE_ONLY: Final = rf"(?P<v>[^,;!?\n]{{1,60}}?)(?:(?=\s(?:at|in|for|with|on)\b)|{_END})"
_NAME: Final = (
    r"(?P<v>(?:(?:Mr|Mrs|Ms|Dr|Prof)\.? )?[A-ZÀ-Þ][\w'’-]+(?: (?:(?:van|von|de|der|la|bin) )?[A-ZÀ-Þ][\w'’-]+){0,2})"
)
_ALLERGIC: Final = "(?:also |now |severely |very |really |highly )*allergic to"
_I_AM: Final = r"\bI(?:['’]m| am)"
PETS: Final = "dog|cat|puppy|kitten|parrot|rabbit|hamster|horse|bird|pet|fish|turtle|tortoise|guinea pig"
_IS: Final = r"(?:['’]s| is| has changed to| changed to| is changing to| has become| became| will be| was changed to)"
_JOB: Final = (
    r"(?P<v>(?:[a-z-]+ ){0,3}(?!customer|number|member|user|fan|beginner|owner|believer|lover|subscriber|driver today|winner|loser|"
    r"newcomer|buyer|seller|caller|foreigner|holder|reader|viewer|shopper|traveller|traveler|stranger|smoker|visitor|minor|senior|"
    r"perfectionist|pessimist|optimist|volunteer|prisoner|speaker|vegetarian|sufferer|drinker|eater|sleeper|bidder|payer)"
    r"(?:[a-z]+(?:er|or|ist|ian|ect|eer)|accountant|nurse|chef|student|lawyer|pilot|judge|consultant|assistant|analyst|vet|cook|clerk|"
    r"surgeon|dean|agent|guard|athlete|midwife|freelance|intern|therapist|mechanic|barista|researcher|scientist))"
)
RELATIVE: Final = (
    "wife|husband|partner|fianc[eé]e?|girlfriend|boyfriend|son|daughter|child|kid|baby|mother|mum|mom|father|dad|brother|sister|twin|"
    "grandmother|grandfather|grandma|grandpa|aunt|uncle|cousin|niece|nephew|flatmate|roommate"
)


def _r(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


# The pattern of each attribute; "(?i:…)" leaves the value's own capitals significant.
_LISTED: Final[tuple[tuple[re.Pattern[str], str, Kind], ...]] = (
    (
        _r(
            rf"(?i:\bmy (?:full |first |real )?name{_IS}(?: now)?|\bcall me|\bprefer to be called|\bI go by|\bI am called|\bI['’]m called) {_NAME}"
        ),
        "name",
        "is",
    ),
    (
        _r(
            rf"^(?:{_I_AM}|(?i:this is|it['’]?s)) (?!\w+(?:ing|ous|able|ible|ful|less)\b){_NAME}(?=\s*(?:[.!,]?\s*$|,? (?i:here|speaking|from|and)\b|,))"
        ),
        "name",
        "is",
    ),
    (_r(rf"(?i:\b(?:regards|sincerely|yours truly|cheers)),? {_NAME}[.!]?\s*$"), "name", "is"),
    (_r(r"(?i:\bI (?:also )?speak|\bmy (?:native|first) language is) (?P<v>[A-ZÀ-Þ][a-zà-þ]+)"), "language", "has"),
    (
        _r(
            r"(?i:\bmy (?:new |other |current )?e-?mail(?: address)?\b.{0,30}?|\b(?:reach|mail|e-?mail|contact|write(?: to)?) me (?:at|on|under) |"
            r"\b(?:change|update|set) my e-?mail(?: address)? to |"
            r"\bsend (?:me )?(?:it|this|that|the|a|an|my)(?: \w+){0,3} to )(?P<v>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
        ),
        "e-mail",
        "is",
    ),
    (
        _r(
            r"(?i:\bmy (?:new |current )?(?:cell|mobile|phone|telephone)(?: phone)?(?: number)?\b.{0,25}? |\b(?:reach|call|text|ring|phone) me (?:at|on|under) |"
            r"\bmy (?:new )?number is (?:now )?|\b(?:change|update|set) my (?:phone|mobile)(?: number)? to )(?P<v>\+?\d[\d ()./-]{4,}\d)"
        ),
        "phone",
        "is",
    ),
    (
        _r(
            r"(?i:\border (?:number |no\.? ?|nr\.? ?|num |id )?(?:is |was )?#? ?)(?P<v>[A-Z]{0,4}-?\d{3,}(?:-[A-Z0-9]+)*)"
        ),
        "order number",
        "has",
    ),
    (_r(r"(?i:\bI have (?:a|an)(?: severe| bad| mild)?) (?P<v>[a-z]+(?: [a-z]+)?) (?i:allergy)\b"), "allergy", "has"),
    (
        _r(
            rf"(?i:{_I_AM}|\bI became|\bI['’]ve become|\bI have become|\bI turned|\bI['’]ve (?:gone|been)|\bI have been|\bI keep|\bI eat)(?: now| only| a| an| strictly| fully)* "
            r"(?P<v>vegan|vegetarian|pescatarian|gluten[- ]free|halal|kosher|lactose intolerant|coeliac|celiac|diabetic)\b"
        ),
        "diet",
        "is",
    ),
    (
        _r(rf"(?i:{_I_AM} (?:now |currently |working as )*(?:a|an)) {_JOB}(?:(?=\s(?:at|in|for|with|on)\b)|{_END})"),
        "job",
        "is",
    ),
    (
        _r(
            rf"(?i:\b(?:I work|I['’]m working|I am working|I started(?: working)?|I got (?:a|the) job|I now work|I got promoted to|I was promoted to)"
            rf"(?: now| currently)?(?: as)?(?: an?| the)?) (?<= as )(?:an? |the )?{_VALUE_ONLY}"
        ),
        "job",
        "is",
    ),
    (
        _r(
            rf"(?i:\b(?:I work|I['’]m working|I am working|I started(?: working)?|I got a (?:new )?job|I now work|I switched jobs and work|I['’]m employed)"
            rf"(?: now| currently)? (?:at|for|with)) (?P<v>(?:the )?[A-ZÀ-Þ0-9][^,;!?\n]{{1,50}}?){_END}"
        ),
        "employer",
        "is",
    ),
    (
        _r(
            rf"(?i:\bI['’]m|\bI am) an? [\w ]{{3,30}}? (?:at|for|with) (?P<v>(?:the )?[A-ZÀ-Þ][^,;!?\n]{{1,50}}?){_END}"
        ),
        "employer",
        "is",
    ),
    (_r(rf"(?i:\bI drive) (?:a|an|my) {_VALUE}"), "car", "is"),
    (_r(rf"(?i:\bmy birthday{_IS}|\bI was born|\bmy birthday falls)(?: on| in)? {_VALUE}"), "birthday", "is"),
    (
        _r(rf"(?i:{_I_AM}|\bI turned|\bI just turned) (?P<v>\d{{1,2}})(?= years old|\s*[.!,]?\s*$| years of age)"),
        "age",
        "is",
    ),
    (
        _r(
            r"(?i:\b(?:I wear|I take|I need|I usually wear|I['’]m|I am)(?: a)? size) (?P<v>\d{1,3}(?:[.,]5)?|X{0,3}[SML])\b"
        ),
        "size",
        "is",
    ),
    (
        _r(
            r"(?i:\b(?:I['’]m|I am|we['’]re|we are) (?:currently )?(?:on|subscribed to) (?:the|your)|\b(?:I switched|I['’]ve switched|I upgraded|I['’]ve upgraded|I downgraded|I changed)(?: over)? to the) (?P<v>[\w ]{2,30}?)(?= plan\b| subscription\b| tariff\b)"
        ),
        "plan",
        "is",
    ),
)
_TASTES: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (_r(rf"(?i:{_I_AM} {_ALLERGIC}) {_LIST}"), "allergy"),
    (
        _r(
            rf"(?i:\bI (?:really |also |absolutely |just |now |always |usually |still )*(?:like|love|enjoy|prefer|adore)) {_LIST}"
        ),
        "likes",
    ),
    (
        _r(
            rf"(?i:\bI (?:really |also |absolutely |just )*(?:hate|dislike|detest|can['’]?t stand|cannot stand|don['’]?t like|do not like)) {_LIST}"
        ),
        "dislikes",
    ),
)
_RELATIVES_ALLERGY: Final = _r(
    rf"(?i:\bmy (?P<a>{RELATIVE})\b)[^.;!?\n]{{0,20}}?(?i:(?:['’]s| is) {_ALLERGIC}) {_LIST}"
)
_RELATIVES_AGE: Final = _r(
    rf"(?i:\bmy (?P<a>{RELATIVE})(?:['’]s| is| just turned| turned)) (?P<v>\d{{1,3}})(?= years old|\s*[.!,]?\s*$| and\b)"
)
_RELATIVES_NAME: Final = _r(
    rf"(?i:\bmy (?P<a>{RELATIVE}|boss|doctor|dentist|neighbou?r)(?:['’]s name is|,? (?:is )?(?:named|called)| is|,)?) {_NAME}"
)
_LIVING: Final = _r(
    r"(?i:\b(?:I|we)(?:['’]ve|['’]m|['’]re| have| am| are)?(?: now| currently| just| recently| finally| actually)*"
    r" (?P<how>live|living|moved|relocated|based|resettled|settled)(?: house)?(?: now| back| over)?(?: from [\w ]{2,30}?)? (?:in|to|at|down in) )"
    + _PLACE
)
_PET: Final = _r(
    rf"(?i:\b(?:my|our|I have an?|I've got an?|I adopted an?|I got an?|we have an?|we adopted an?) (?:new |little |old )?(?P<a>{PETS})"
    rf"(?:['’]s name is|,? (?:is )?(?:named|called)| is|,)?) {_NAME}"
)
_MY: Final = _r(
    rf"(?i:\bmy (?P<a>[a-z][a-z'’ -]{{1,40}}?)(?: no\.)??(?P<is>{_IS}| are)(?: now| currently| actually| called| named| currently)*) {_PLACE}"
)
_CHANGE: Final = _r(
    rf"(?i:\b(?:change|changed|update|updated|switch|switched|set) my (?P<a>[a-z][a-z'’ -]{{1,40}}?) (?:from [\w ]{{1,30}}? )?to) {_PLACE}"
)
_NO_MORE: Final = _r(
    rf"(?i:\bI(?: am|['’]m)? (?:no longer|do not|don['’]?t|not|am not)(?: (?:live|living|work|working|have|like|love|eat|drink|use|need|own|allergic|wear|an?|in|at|for|to|as))*) {_VALUE}"
)

_ADJECTIVES: Final = frozenset(["new", "current", "latest", "home", "present", "own", "actual", "correct", "real"])
_SAME: Final = {
    "email": "e-mail", "email address": "e-mail", "e-mail address": "e-mail", "phone number": "phone", "mobile": "phone", "mobile number": "phone",
    "cell": "phone", "cell number": "phone", "telephone": "phone", "number": "phone", "town": "city", "profession": "job", "occupation": "job",
    "company": "employer", "boss's company": "employer", "subscription": "plan", "tariff": "plan", "full name": "name", "first name": "name",
    "native language": "language", "birth date": "birthday", "bday": "birthday", "adress": "address", "date of birth": "birthday", "order": "order number",
}  # fmt: skip
_TYPED: Final = {
    "phone": _r(r"^\+?\d[\d ()./-]{4,}\d$"),
    "e-mail": _r(r"^\S+@\S+$"),
    "address": _r(r"\d|^[A-ZÀ-Þ]\S* \S"),
    "city": _r(r"^[A-ZÀ-Þ]"),
    "name": _r(r"^[A-ZÀ-Þ]"),
    "age": _r(r"^\d{1,3}$"),
    "birthday": _r(r"(?i)\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"),
    "job": _r(rf"^(?:{_JOB}$|[A-ZÀ-Þ])"),
}
"""What a value of the attribute looks like."""
_SECRET: Final = re.compile(r"\b(?:password|passcode|pin|cvv|cvc|secret|security code|card)\b")
_EMPTY_SUBJECT: Final = re.compile(
    r"\b(?:problem|question|issue|point|guess|opinion|fault|bad|pleasure|mistake|concern|understanding|turn|worry|idea|thought|feeling|apolog\w+|"
    r"day|week|morning|evening|time|goal|hope|only|answer|request|complaint|experience|last|next|mind|life|friend|dog|cat|package|parcel|delivery|refund)s?$"
)
_PLAIN: Final = re.compile(
    r"^fav|favou?rite|prefer|colou?r$|language|\bplan$|diet$|hobby$|role$|title$|\bsize$|nationality$|blood type$"
)
"""Attributes whose values need no capital and no figure."""
_PLAIN_WORDS: Final = 4
_NAMING: Final = re.compile(
    r"^(?:[#\w./+-]*\d[\w./:-]*$|[A-ZÀ-Þ0-9][^,\s]*@|(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|OK\b|I\b)[A-ZÀ-Þ][^\s]*(?:,? [\w&'’-]+){0,4}$)"
)
"""A value that names or numbers something: "14C", "Toyota Corolla"."""
_AMOUNT: Final = re.compile(r"^\d[\d.,]* [\w ]{1,20}$")
_AMOUNTS: Final = re.compile(r"\b(?:budget|salary|income|limit|height|weight|rent)$")
_EMPTY_VALUE: Final = re.compile(
    r"^(?:it|that|this|these|those|them|him|her|you|u|ur|me|not|so|very|too|really|still|always|just|what|how|when|all|to|my|the (?-i:(?![A-ZÀ-Þ]))|"
    r"your|being|here|there|also|gone|done|ok|okay|fine|good|great|sure|sorry|a bit|something|nothing|anything|everything|"
    r"in|on|at|under|with|without|from|for|about|near|off|out|over|like|broken|wrong|missing|late|lost|dead)\b"
    r"|\b(?:ones?|better|more|most|best|idea|nonsense)$",
    re.IGNORECASE,
)
_CLAUSES_WORD: Final = re.compile(
    r"\b(?:i|my|we|our|you|your|it|its|he|she|his|her|they|their|this|that|is|are|was|were|am|do|does|did|have|has|had|can|could|will|would|"
    r"need|needs|want|wants|please|thanks|thank|got|get|bought|went|hope|i'm|i've|don't)\b",
    re.IGNORECASE,
)
_NOT_NAMES: Final = re.compile(
    r"^(?:American|Australian|Austrian|Brazilian|British|Canadian|Chinese|Danish|Dutch|English|European|Finnish|French|German|"
    r"Greek|Hungarian|Indian|Irish|Italian|Japanese|Korean|Mexican|Muslim|Christian|Jewish|Catholic|Norwegian|Polish|"
    r"Portuguese|Russian|Scottish|Spanish|Swedish|Swiss|Turkish|Ukrainian|OK|Okay|Sorry|Sure|Happy|Glad|Fine|Not|Very|"
    r"So|Just|In|At|On|Still|Also|Here|Back|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Afraid|Interested|"
    r"Great|Good|Bad|Sad|Angry|Upset|Late|Early|Sick|Ill|Tired|Lost|Stuck|Done|Ready|Free|Busy|Curious|Confused|"
    r"Insane|Absurd|Crazy|Nice|Cool|Awesome|Wrong|Right|True|False|Urgent|Important|Later|Tomorrow|Today|Tonight|Again|"
    r"Anytime|Now|Soon|Asap|When|If|After|Before|Between|Please|Maybe)$"
    r"|^(?-i:[A-Z]{2,})$",
    re.IGNORECASE,
)


def english(sentence: str) -> Iterator[tuple[str, str, Kind]]:
    """Attribute, value and kind of what *sentence* claims."""
    taken: list[tuple[int, int]] = []
    for make in (_no_more, _relatives, _listed, _tastes, _living, _pets, _possessed):
        found = list(make(sentence))
        for attribute, value, kind, span in found:
            if not any(start < span[1] and span[0] < end for start, end in taken):
                yield attribute, value, kind
                if attribute == "dislikes":
                    yield "likes", value, "not"
                if attribute == "likes" and kind == "has":
                    yield "dislikes", value, "not"
        taken += [match[3] for match in found]


def _no_more(sentence: str) -> Iterator[Found]:
    if not re.search(r"\bno longer\b|\bany ?more\b", sentence, re.IGNORECASE):
        return
    for match in _NO_MORE.finditer(sentence):
        for attribute in ("city", "address", "employer", "job", "likes", "allergy", "diet", "size"):
            yield attribute, _clean(match["v"]), "not", match.span()


def _relatives(sentence: str) -> Iterator[Found]:
    for match in _RELATIVES_NAME.finditer(sentence):
        if _named(match["v"]):
            yield match["a"].lower(), match["v"], "is", match.span()
    for match in _RELATIVES_AGE.finditer(sentence):
        yield f"{match['a'].lower()}'s age", match["v"], "is", match.span()
    for match in _RELATIVES_ALLERGY.finditer(sentence):
        for item in _items(match["v"]):
            yield f"{match['a'].lower()}'s allergy", item, "has", match.span()


def _listed(sentence: str) -> Iterator[Found]:
    for pattern, attribute, kind in _LISTED:
        for match in pattern.finditer(sentence):
            value = _clean(match["v"])
            if value and not _EMPTY_VALUE.match(value) and _possible(attribute, value):
                yield attribute, value, kind, match.span()


def _tastes(sentence: str) -> Iterator[Found]:
    for pattern, attribute in _TASTES:
        for match in pattern.finditer(sentence):
            for item in _items(match["v"]):
                yield attribute, item, "has", match.span()


def _items(text: str) -> list[str]:
    """The things that *text* lists before its first clause: "tea, cake and jam but not today" -> tea, cake, jam."""
    body = _LIST_END.split(re.sub(r" (?:as well as|or) ", " and ", text), maxsplit=1)[0]
    head, joined, last = body.rpartition(" and ")
    parts = [*head.split(","), last.split(",")[0]] if joined else body.split(",")[:1]
    kept: list[str] = []
    for part in parts:
        item = re.sub(r"^(?:and|or|both) ", "", part.strip())
        if len(item.split()) > 5 or _EMPTY_VALUE.search(item) or _CLAUSES_WORD.search(item) or not _clean(item):
            break
        kept.append(_clean(item))
    return kept


def _living(sentence: str) -> Iterator[Found]:
    for match in _LIVING.finditer(sentence):
        value = _clean(match["v"])
        if not value or _EMPTY_VALUE.match(value) or not re.search(r"[A-ZÀ-Þ0-9]", value):
            continue
        place, other = ("address", "city") if re.search(r"\d", value) else ("city", "address")
        yield place, value, "is", match.span()
        if match["how"].lower() in ("moved", "relocated"):
            yield other, "", "not", match.span()


def _pets(sentence: str) -> Iterator[Found]:
    for match in _PET.finditer(sentence):
        yield f"{match['a'].lower()}'s name", _clean(match["v"]), "is", match.span()


def _possessed(sentence: str) -> Iterator[Found]:
    for pattern in (_MY, _CHANGE):
        for match in pattern.finditer(sentence):
            attribute = _attribute(match["a"])
            value = _clean(match["v"]).removesuffix(f" {attribute.rpartition(' ')[2]}")
            if _SECRET.search(attribute) or _EMPTY_SUBJECT.search(attribute) or not value or _EMPTY_VALUE.match(value):
                continue
            if _telling(attribute, value):
                yield attribute, value, "is", match.span()


def _possible(attribute: str, value: str) -> bool:
    """Whether *value* has the form that values of *attribute* have."""
    form = _TYPED.get(attribute)
    return (form is None or form.search(value) is not None) and (attribute != "name" or _named(value))


def _telling(attribute: str, value: str) -> bool:
    """Whether *value* tells what the user's *attribute* is, not what they think of it ("my phone is broken")."""
    if attribute in _TYPED or (_PLAIN.search(attribute) and len(value.split()) <= _PLAIN_WORDS):
        return _possible(attribute, value)
    return bool(_NAMING.search(value) or (_AMOUNTS.search(attribute) and _AMOUNT.search(value)))


def _named(value: str) -> bool:
    """Whether *value* may be somebody's name."""
    return _NOT_NAMES.search(value.split()[0]) is None


def _attribute(text: str) -> str:
    kept = [word for word in text.lower().replace("’", "'").split() if word not in _ADJECTIVES]
    attribute = re.sub(r"^fav(?:e|ourite)?\b", "favorite", " ".join(kept)).replace("colour", "color")
    return _SAME.get(attribute, attribute)


def _clean(value: str) -> str:
    value = re.sub(r"^(?:(?:now|currently|actually|changed to|the|an?)\s+)+", "", value.strip(" \t.,;:!-–—'’"))
    value = re.split(r",\s+(?=[a-zà-þ])", value)[0]
    return re.sub(r"\s+(?:now|too|as well|instead|any ?more|currently|please)$", "", value)

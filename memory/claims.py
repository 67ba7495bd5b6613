"""Small facts in what a user says, by rule: "I moved to Lyon", "my size is 42", "我对花生过敏".

Precision before recall: questions, wishes, suppositions, quotations, reported speech and thanks claim nothing.
"""

# ruff: noqa: E501 - a pattern reads best on its own line

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .claims_chinese import Found, chinese
from .facts import Claim, Kind

AGENTS: Final = frozenset({"agent", "ai", "assistant", "avatar", "bot", "system", "tool", "visavis"})
"""Speakers whose turns state no facts."""

_SENTENCE: Final = re.compile(r"[^.!?。!?;\n]+(?:\.(?=\S)[^.!?。!?;\n]+)*[.!?。!?;\n]?")
_QUOTED: Final = re.compile(r"[“\"「『][^”\"」』]*[”\"」』]|^\s*>.*$", re.MULTILINE)
_OPENING: Final = re.compile(
    r"^(?:and|but|so|also|well|actually|oh|yes|yeah|no|hi|hello|hey|ok|okay|please|sorry|thanks|thank you|by the way|btw|fyi|just so you know|"
    r"good (?:morning|afternoon|evening))\b[\s,.:!-]*",
    re.IGNORECASE,
)
_ASKING: Final = re.compile(
    r"[??]\s*$|^(?:what|where|when|who|whom|whose|which|why|how|do|does|did|is|are|am|was|were|can|could|will|would|should|shall|may|have|has)\b"
    r"|(?:吗|呢)[。!]?\s*$|什么|哪|谁|怎么|为何|是不是|有没有|多少",
    re.IGNORECASE,
)
_SUPPOSED: Final = re.compile(
    r"\b(?:if|unless|suppose|supposing|imagine|pretend|let's say|hypothetically|for example|said|says|told|claims?|wrote|heard|reads|"
    r"joking|kidding)\b|如果|要是|假如|假设|倘若|比如|他说|她说|他们说|听说|据说|开玩笑",
    re.IGNORECASE,
)
"""Spoils the sentence it is in."""
_UNREAL: Final = re.compile(
    r"\b(?:wish|hope|maybe|perhaps|might|would|could|should|will|i'll|i'd|thinking (?:of|about)|going to|gonna|plan(?:ning)? (?:to|on)|"
    r"want(?:ed)? to|considering|almost|nearly|used to|asked|dream(?:t|ed)?)\b"
    r"|也许|可能|或许|打算|希望|想要|想搬|准备|将来|以后会|以前|曾经|之前",
    re.IGNORECASE,
)
"""Spoils the clause it is in."""

_END: Final = (
    r"(?i:(?=\s*(?:[,;.!?]?\s*$|[,;]|\s(?:and|but|so|because|since|now|though|which|who|where|when|while|after|before|as of|starting|"
    r"these days|at the moment|instead|from now|again|please|too|already|by the way|(?:last|this) (?:week|month|year)|yesterday|today|"
    r"recently|any ?more|not)\b|\s[-–—(])))"
)
_VALUE: Final = rf"(?P<v>[^,;!?\n]{{1,60}}?){_END}"
_PLACE: Final = (
    r"(?P<v>[^;!?\n]{2,80}?)(?i:(?=\s*(?:[;.!?]?\s*$|,\s*(?:and|but|so|i|my|which|where|if|not|please|because|since)\b|;|"
    r"\s(?:and (?:i|my|we)|but|so|because|since|now|with|which|where|when|while|after|these days|at the moment|from now|instead|"
    r"(?:last|this) (?:week|month|year|summer|spring|autumn|fall|winter)|yesterday|today|recently|for (?:work|a|my)|"
    r"in (?:january|february|march|april|may|june|july|august|september|october|november|december))\b|\s[-–—(])))"
)
_VALUE_ONLY: Final = rf"(?P<v>[^,;!?\n]{{1,60}}?)(?:(?=\s(?:at|in|for|with|on)\b)|{_END})"
_NAME: Final = r"(?P<v>[A-ZÀ-Þ][\w'’-]+(?: (?:(?:van|von|de|der|la|bin) )?[A-ZÀ-Þ][\w'’-]+){0,2})"
_I_AM: Final = r"\bI(?:['’]m| am)"
_PETS: Final = "dog|cat|puppy|kitten|parrot|rabbit|hamster|horse|bird|pet|fish|turtle|tortoise|guinea pig"
_IS: Final = r"(?:['’]s| is| has changed to| changed to| is changing to| has become| became| will be| was changed to)"
_JOB: Final = (
    r"(?P<v>(?:[a-z-]+ ){0,3}(?!customer|number|member|user|fan|beginner|owner|believer|lover|subscriber|driver today)"
    r"(?:[a-z]+(?:er|or|ist|ian|ect|eer)|accountant|nurse|chef|student|lawyer|pilot|judge|consultant|assistant|analyst|vet|cook|clerk|"
    r"surgeon|dean|agent|guard|athlete|midwife|freelance|intern|therapist|mechanic|barista|researcher|scientist))"
)


def _r(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


# The pattern of each attribute; "(?i:…)" leaves the value's own capitals significant.
_ENGLISH: Final[tuple[tuple[re.Pattern[str], str, Kind], ...]] = (
    (
        _r(
            rf"(?i:\bmy (?:full |first |real )?name{_IS}(?: now)?|\bcall me|\bi go by|\bi am called|\bi['’]m called) {_NAME}"
        ),
        "name",
        "is",
    ),
    (_r(rf"^(?:{_I_AM}|(?i:this is)) {_NAME}(?=\s*(?:[.!,]?\s*$|,? (?i:here|speaking|from|and)\b|,))"), "name", "is"),
    (
        _r(
            r"(?i:\bmy (?:new |other |current )?e-?mail(?: address)?\b.{0,30}?|\b(?:reach|mail|e-?mail|contact|write(?: to)?) me (?:at|on|under) |"
            r"\b(?:change|update|set) my e-?mail(?: address)? to )(?P<v>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
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
        _r(r"(?i:\border (?:number |no\.? ?|id )?(?:is |was )?#? ?)(?P<v>[A-Z]{0,4}-?\d{3,}(?:-[A-Z0-9]+)*)"),
        "order number",
        "has",
    ),
    (_r(rf"(?i:{_I_AM} (?:also |now |severely |very |really |highly )*allergic to) {_VALUE}"), "allergy", "has"),
    (_r(r"(?i:\bI have (?:a|an)(?: severe| bad| mild)?) (?P<v>[a-z]+(?: [a-z]+)?) (?i:allergy)\b"), "allergy", "has"),
    (
        _r(
            rf"(?i:{_I_AM}|\bI became|\bI['’]ve become|\bI have become|\bI turned|\bI['’]ve gone)(?: now| a| an| strictly| fully)* "
            r"(?P<v>vegan|vegetarian|pescatarian|gluten[- ]free|halal|kosher|lactose intolerant|coeliac|celiac|diabetic)\b"
        ),
        "diet",
        "is",
    ),
    (
        _r(
            rf"(?i:\bI (?:really |also |absolutely |just |now |always |usually |still )*(?:like|love|enjoy|prefer|adore)) {_VALUE}"
        ),
        "likes",
        "has",
    ),
    (
        _r(
            rf"(?i:\bI (?:really |also |absolutely |just )*(?:hate|dislike|detest|can['’]?t stand|cannot stand|don['’]?t like|do not like)) {_VALUE}"
        ),
        "dislikes",
        "has",
    ),
    (
        _r(rf"(?i:{_I_AM} (?:now |currently |working as )*(?:a|an)) {_JOB}(?:(?=\\s(?:at|in|for|with|on)\\b)|{_END})"),
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
    (_r(rf"(?i:\bmy birthday{_IS}|\bI was born|\bmy birthday falls)(?: on| in)? {_VALUE}"), "birthday", "is"),
    (
        _r(rf"(?i:{_I_AM}|\bI turned|\bI just turned) (?P<v>\d{{1,2}})(?= years old|\s*[.!,]?\s*$| years of age)"),
        "age",
        "is",
    ),
    (
        _r(r"(?i:\b(?:I wear|I take|I need|I usually wear)(?: a)? size) (?P<v>\d{1,3}(?:[.,]5)?|X{0,3}[SML])\b"),
        "size",
        "is",
    ),
    (
        _r(
            r"(?i:\b(?:I switched|I['’]ve switched|I upgraded|I['’]ve upgraded|I downgraded|I changed)(?: over)? to the) (?P<v>[\w ]{2,30}?)(?= plan\b| subscription\b| tariff\b)"
        ),
        "plan",
        "is",
    ),
)
_LIVING: Final = _r(
    r"(?i:\b(?:I|we)(?:['’]ve|['’]m|['’]re| have| am| are)?(?: now| currently| just| recently| finally| actually)*"
    r" (?P<how>live|living|moved|relocated|based|resettled|settled|staying)(?: house)?(?: now| back| over)?(?: from [\w ]{2,30}?)? (?:in|to|at|down in) )"
    + _PLACE
)
_PET: Final = _r(
    rf"(?i:\b(?:my|our|I have an?|I've got an?|I adopted an?|I got an?|we have an?|we adopted an?) (?:new |little |old )?(?P<a>{_PETS})"
    rf"(?:['’]s name is|,? (?:is )?(?:named|called)| is|,)?) {_NAME}"
)
_MY: Final = _r(
    rf"(?i:\bmy (?P<a>[a-z][a-z'’ -]{{1,40}}?)(?: number| no\.)??(?P<is>{_IS}| are)(?: now| currently| actually| called| named| currently)*) {_PLACE}"
)
_CHANGE: Final = _r(
    rf"(?i:\b(?:change|changed|update|updated|switch|switched|set) my (?P<a>[a-z][a-z'’ -]{{1,40}}?) (?:from [\w ]{{1,30}}? )?to) {_PLACE}"
)
_NO_MORE: Final = _r(
    rf"(?i:\bI(?: am|['’]m)? (?:no longer|do not|don['’]?t|not|am not)(?: (?:live|living|work|working|have|like|love|eat|drink|use|need|own|allergic|wear|an?|in|at|for|to|as))*) {_VALUE}"
)

_ADJECTIVES: Final = frozenset({"new", "current", "latest", "home", "present", "own", "actual", "correct", "real"})
_SAME: Final = {
    "email": "e-mail", "email address": "e-mail", "e-mail address": "e-mail", "phone number": "phone", "mobile": "phone", "mobile number": "phone",
    "cell": "phone", "cell number": "phone", "telephone": "phone", "number": "phone", "town": "city", "profession": "job", "occupation": "job",
    "company": "employer", "boss's company": "employer", "subscription": "plan", "tariff": "plan", "full name": "name", "first name": "name",
    "birth date": "birthday", "date of birth": "birthday", "order": "order number",
}  # fmt: skip
_SECRET: Final = re.compile(r"\b(?:password|passcode|pin|cvv|cvc|secret|security code|card)\b")
_EMPTY_SUBJECT: Final = re.compile(
    r"\b(?:problem|question|issue|point|guess|opinion|fault|bad|pleasure|mistake|concern|understanding|turn|worry|idea|thought|feeling|apolog\w+|"
    r"day|week|morning|evening|time|goal|hope|only|answer|request|complaint|experience|last|next|mind|life|friend|package|parcel|delivery|refund)s?$"
)
_LASTING: Final = re.compile(
    r"favou?rite|prefer|colou?r\b|language|\bplan\b|diet|hobby|\bjob\b|role|title|employer|\bcar\b|school|major|team|pet\b|\bsize\b|budget|address|city|"
    r"allerg|wife|husband|partner|daughter|\bson\b|brother|sister|mother|father|doctor|model|brand|seat|method|hometown|nationality|phone|insurance|bank"
)
_EMPTY_VALUE: Final = re.compile(
    r"^(?:it|that|this|them|him|her|you|me|not|so|very|too|really|still|always|just|what|how|when|all|to (?:know|ask|see|speak|talk|get|hear|have|buy|order|"
    r"return|change)|the (?:idea|way|fact|same)|your|being|here|there|also|gone|done|ok|okay|fine|good|great|sure|sorry|a bit|something|nothing|anything|everything)\b",
    re.IGNORECASE,
)
_NOT_NAMES: Final = frozenset(
    [
        "American",
        "Australian",
        "Austrian",
        "Brazilian",
        "British",
        "Canadian",
        "Chinese",
        "Danish",
        "Dutch",
        "English",
        "European",
        "Finnish",
        "French",
        "German",
        "Greek",
        "Hungarian",
        "Indian",
        "Irish",
        "Italian",
        "Japanese",
        "Korean",
        "Mexican",
        "Muslim",
        "Christian",
        "Jewish",
        "Catholic",
        "Norwegian",
        "Polish",
        "Portuguese",
        "Russian",
        "Scottish",
        "Spanish",
        "Swedish",
        "Swiss",
        "Turkish",
        "Ukrainian",
        "OK",
        "Okay",
        "Sorry",
        "Sure",
        "Happy",
        "Glad",
        "Fine",
        "Not",
        "Very",
        "So",
        "Just",
        "In",
        "At",
        "On",
        "Still",
        "Also",
        "Here",
        "Back",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "Afraid",
        "Interested",
        "Looking",
        "Having",
        "Trying",
        "Going",
        "Working",
        "Calling",
        "Writing",
        "Great",
        "Good",
    ]
)


def claims(text: str, subject: str) -> list[Claim]:
    """What *text*, said by *subject* about themselves, claims; each claim once, in the order said."""
    found: dict[Claim, None] = {}
    for sentence in _sentences(text):
        for make in (_english, chinese):
            for attribute, value, kind in make(sentence):
                found.setdefault(Claim(subject, attribute, value, kind))
    return list(found)


_CLAUSE: Final = re.compile(
    r",\s*(?=(?:when|where|what|who|why|how|can|could|will|would|do|does|is|are|should|may|right|ok)\b)"
    r"|,?\s(?:and|so|but)\s(?=(?:when|where|what|who|why|how|can|could|will|would|do|does|is|are|should|may)\b)|(?<=[\u4e00-\u9fff\w])[,、](?=[\u4e00-\u9fff])",
    re.IGNORECASE,
)


def _sentences(text: str) -> Iterator[str]:
    """Clauses that state something, without quotations and leading fillers; a supposition spoils its whole sentence."""
    for match in _SENTENCE.finditer(_QUOTED.sub(" … ", text[:4000])):
        if _SUPPOSED.search(match[0]):
            continue
        for clause in _CLAUSE.split(match[0]):
            kept = clause.strip()
            while (cut := _OPENING.sub("", kept, count=1)) != kept:
                kept = cut
            if kept and not _ASKING.search(kept) and not _UNREAL.search(kept):
                yield kept


def _english(sentence: str) -> Iterator[tuple[str, str, Kind]]:
    taken: list[tuple[int, int]] = []
    for make in (_no_more, _listed, _living, _pets, _possessed):
        for attribute, value, kind, span in make(sentence):
            if not any(start < span[1] and span[0] < end for start, end in taken):
                yield attribute, value, kind
                if attribute == "dislikes":
                    yield "likes", value, "not"
                if attribute == "likes" and kind == "has":
                    yield "dislikes", value, "not"
        taken += [match[3] for match in make(sentence)]


def _no_more(sentence: str) -> Iterator[Found]:
    if not re.search(r"\bno longer\b|\bany ?more\b", sentence, re.IGNORECASE):
        return
    for match in _NO_MORE.finditer(sentence):
        for attribute in ("city", "address", "employer", "job", "likes", "allergy", "diet", "size"):
            yield attribute, _clean(match["v"]), "not", match.span()


def _listed(sentence: str) -> Iterator[Found]:
    for pattern, attribute, kind in _ENGLISH:
        for match in pattern.finditer(sentence):
            value = _clean(match["v"])
            if value and not _EMPTY_VALUE.match(value) and not (attribute == "name" and value.split()[0] in _NOT_NAMES):
                yield attribute, value, kind, match.span()


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
            if re.search(r"[A-ZÀ-Þ\d@]", value) or _LASTING.search(attribute):
                yield attribute, value, "is", match.span()


def _attribute(text: str) -> str:
    kept = [word for word in text.lower().replace("’", "'").split() if word not in _ADJECTIVES]
    attribute = " ".join(kept).replace("favourite", "favorite").replace("colour", "color")
    return _SAME.get(attribute, attribute)


def _clean(value: str) -> str:
    value = re.sub(r"^(?:(?:now|currently|actually|changed to|the|an?)\s+)+", "", value.strip(" \t.,;:!-–—'’"))
    value = re.split(r",\s+(?=[a-zà-þ])", value)[0]
    return re.sub(r"\s+(?:now|too|as well|instead|any ?more|currently|please)$", "", value)

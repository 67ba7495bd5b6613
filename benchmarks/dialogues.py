"""Multi-session dialogues with evidence labels, made from a seed.

Two people talk over months. Each tells of trips, purchases, books, injuries, races and the like, some in one turn, some in a
turn and a later
detail ("it took us three nights") that makes sense only beside its neighbour. The other one echoes the words, tells of the
same kinds of
things, and some facts change. The questions use other words than the answers where people would.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

NAMES = (
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Elena",
    "Felix",
    "Grace",
    "Hugo",
    "Irene",
    "Jonas",
    "Karin",
    "Liam",
    "Maya",
    "Noah",
    "Olivia",
)


@dataclass(frozen=True, slots=True)
class Said:
    """A turn."""

    key: int
    speaker: str
    text: str
    at: datetime
    thread: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the turns that answer it."""

    kind: str
    """"single", "detail", "temporal", "multi", "current", "as of" or "old"."""
    text: str
    evidence: tuple[int, ...]
    as_of: datetime | None = None


@dataclass(slots=True)
class Dialogue:
    """What one user and a friend said, and what may be asked of it."""

    user: str
    friend: str
    turns: list[Said] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that happens to people. ``{v}`` is the value, ``{n}`` a number, ``{who}`` the speaker."""

    name: str
    values: tuple[str, ...]
    tells: tuple[str, ...]
    details: tuple[str, ...]
    asks: tuple[str, ...]
    """Questions that the telling answers."""
    asks_detail: tuple[str, ...]
    asks_when: str
    """The beginning of a question that a month completes."""
    asks_all: str
    """A question that all tellings of this topic by one speaker answer together."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


TOPICS = (
    Topic(
        "trip",
        _words("Lisbon|Norway|Kyoto|the Dolomites|Marrakesh|Iceland|New Orleans|Patagonia|Vienna|Crete"),
        (
            "Guess what, we finally made it to {v}! Best trip in years, the views were out of this world.",
            "I just got back from {v} and I already miss it.",
        ),
        (
            "We ended up staying {n} nights, the hostel was right by the water.",
            "It rained for {n} days, but honestly who cares.",
        ),
        ("How did {who} like the journey to {v}?", "Did {who} travel to {v}?"),
        ("How long was {who}'s stay in {v}?", "How was the weather when {who} was in {v}?"),
        "Which place did {who} travel to",
        "Which places has {who} travelled to?",
    ),
    Topic(
        "concert",
        _words(
            "Radiohead|Norah Jones|the Berlin Philharmonic|Arcade Fire|Yo-Yo Ma|Florence and the Machine|Sigur Ros|Beyonce"
        ),
        (
            "Last night I saw {v} live, what a concert, I still have goosebumps.",
            "{v} played in town and I got tickets at the last minute!",
        ),
        ("We stood in row {n} and my ears are still ringing.", "The encore alone went on for {n} minutes."),
        ("Did {who} enjoy seeing {v} on stage?", "What did {who} say about the {v} concert?"),
        ("Where did {who} stand at the {v} concert?", "How long was the encore of {v} that {who} heard?"),
        "Which concert did {who} go to",
        "Which concerts has {who} been to?",
    ),
    Topic(
        "book",
        _words("Middlemarch|The Left Hand of Darkness|Pachinko|Educated|The Overstory|Dune|Circe|Invisible Cities"),
        (
            "I couldn't put {v} down, finished the whole book at three in the morning.",
            "Our book club picked {v} this time and I adored it.",
        ),
        ("It made me cry around page {n}.", "My copy has {n} dog-eared pages now."),
        ("What did {who} think of the novel {v}?", "Has {who} read {v}?"),
        ("Where in {v} did {who} start crying?", "How many pages of {v} did {who} mark?"),
        "Which book did {who} read",
        "What books has {who} read?",
    ),
    Topic(
        "injury",
        _words("ankle|wrist|shoulder|knee|collarbone|thumb"),
        ("I slipped on the stairs and sprained my {v}, it's all swollen.", "Bad news, I hurt my {v} while climbing."),
        ("The doctor says {n} weeks of rest, I'm going crazy already.", "They gave me a brace for {n} days."),
        ("How did {who} injure the {v}?", "What happened to {who}'s {v}?"),
        ("How long must {who} rest after hurting the {v}?", "For how many days does {who} wear a brace on the {v}?"),
        "How did {who} get hurt",
        "What injuries has {who} had?",
    ),
    Topic(
        "race",
        _words(
            "the harbour half marathon|a triathlon in Nice|the city 10k|a trail race in the Alps|the charity swim|a bike race"
        ),
        (
            "I signed up for {v} and actually crossed the finish line of the competition!",
            "So, {v} is done, legs like jelly.",
        ),
        ("My time was {n} minutes slower than I hoped.", "I came in {n}th of my age group."),
        ("Did {who} make it to the end of {v}?", "How did {v} go for {who}?"),
        ("Was {who} pleased with the time in {v}?", "Which rank did {who} reach in {v}?"),
        "Which competition did {who} take part in",
        "Which sports competitions did {who} take part in?",
    ),
    Topic(
        "purchase",
        _words(
            "an espresso machine|a folding bike|a telescope|a sewing machine|noise-cancelling headphones|a kayak|a piano|a tent"
        ),
        ("I treated myself and bought {v}, no regrets.", "My big splurge this month: {v}."),
        ("It was {n} dollars off, so practically free, right?", "The delivery took {n} days and the box was huge."),
        ("What did {who} say about buying {v}?", "Why did {who} spend money on {v}?"),
        ("How much did {who} save on {v}?", "How many days until {v} was delivered to {who}?"),
        "What did {who} buy",
        "What things has {who} bought?",
    ),
    Topic(
        "course",
        _words("pottery|Italian|welding|salsa|beekeeping|calligraphy|first aid|sailing"),
        (
            "I started taking {v} classes, every Wednesday evening.",
            "Signed up for a {v} class, always wanted to try that.",
        ),
        ("There are {n} of us in the group, all complete beginners.", "The teacher has done it for {n} years."),
        ("Why does {who} go to {v} classes?", "When is {who}'s {v} class?"),
        ("How many students are in {who}'s {v} group?", "How experienced is {who}'s {v} teacher?"),
        "Which class did {who} start",
        "Which classes has {who} taken?",
    ),
    Topic(
        "kin",
        _words("my sister|my cousin|my uncle|my grandmother|my brother|my niece"),
        ("Big news: {v} is getting married next spring!", "{v} just had surgery, the whole family was worried."),
        ("There will be around {n} guests, can you imagine.", "It took {n} hours but everything went fine."),
        ("What is the news about {who}'s {k}?", "What happened in the life of {who}'s {k}?"),
        ("How many people come to the wedding of {who}'s {k}?", "How long was the operation of {who}'s {k}?"),
        "What happened in {who}'s family",
        "What is new in {who}'s family?",
    ),
    Topic(
        "repair",
        _words("dishwasher|boiler|laptop|washing machine|garage door|car"),
        ("Of course the {v} broke down at home today, of all days.", "The {v} gave up with a loud bang this morning."),
        ("The technician wants {n} dollars, I nearly fainted.", "The spare part comes in {n} days."),
        ("What went wrong with {who}'s {v}?", "What happened to the {v} of {who}?"),
        ("What does it cost {who} to fix the {v}?", "When does the part for {who}'s {v} arrive?"),
        "What broke at {who}'s place",
        "What broke at {who}'s home?",
    ),
    Topic(
        "garden",
        _words("tomatoes|sunflowers|strawberries|lavender|chillies|pumpkins"),
        ("I planted {v} on the balcony and they're finally growing.", "My {v} are taking over the whole garden."),
        ("I counted {n} of them this morning.", "I had to move {n} pots to make room."),
        ("Where does {who} grow {v}?", "How are {who}'s {v} doing?"),
        ("How many {v} did {who} count?", "How many pots did {who} move for the {v}?"),
        "What did {who} plant",
        "What plants does {who} grow?",
    ),
    Topic(
        "dish",
        _words("ramen|moussaka|sourdough bread|paella|dumplings|tiramisu|goulash"),
        (
            "I cooked {v} from scratch yesterday, my kitchen looks like a battlefield.",
            "I prepared {v} for the neighbours and they loved the meal.",
        ),
        ("It needed {n} hours on the stove.", "I used {n} cloves of garlic, no vampires here."),
        ("How did the {v} that {who} prepared turn out?", "Who ate the {v} that {who} made?"),
        ("How long did {who}'s {v} have to simmer?", "How much garlic went into {who}'s {v}?"),
        "Which meal did {who} prepare",
        "What meals has {who} prepared?",
    ),
    Topic(
        "volunteer",
        _words(
            "the animal shelter|the food bank|the refugee centre|the mountain rescue|a coding club for kids|the river cleanup"
        ),
        ("I spent Saturday helping out at {v}, so rewarding.", "I've begun to volunteer at {v}."),
        ("We were {n} helpers and it was chaos, but good chaos.", "I'll be doing {n} hours a month."),
        ("What does {who} do at {v}?", "Has {who} been a volunteer at {v}?"),
        ("How many helpers were with {who} at {v}?", "How much time does {who} give to {v}?"),
        "Where did {who} volunteer",
        "Where has {who} volunteered?",
    ),
)

ECHOES = (
    "Oh wow, {v}! Tell me more, {other}.",
    "{v}, really? That sounds amazing, {other}!",
    "No way, {other}. I have always been curious about {v}.",
    "Ha, {v}! That's so you, {other}.",
)
CALLBACKS = (
    "I was thinking about {v} again, {other}.",
    "By the way, somebody at work mentioned {v} the other day.",
    "Funny, I saw something about {v} on television.",
    "Speaking of {v}, do you remember what {other} said?",
    "I dreamt about {v}, can you believe it?",
)
SMALL_TALK = (
    "Hi {other}, how have you been?",
    "Hey {other}! Long time no talk.",
    "I'm good, thanks, just a bit tired.",
    "Work is busy as always, you know how it is.",
    "That's so true.",
    "Haha, I can imagine.",
    "What have you been up to?",
    "The weather has been strange lately, hasn't it?",
    "I should really sleep more.",
    "We have to meet for coffee soon.",
    "Anyway, enough about me.",
    "Thank you, {other}, that means a lot.",
    "You always know what to say.",
    "I'll tell you how it goes.",
    "Same here, to be honest.",
    "Good luck with that!",
    "Take care, {other}, talk soon!",
    "Did you watch the game?",
    "My inbox is a disaster again.",
    "I can't believe how fast the year goes.",
)


@dataclass(frozen=True, slots=True)
class Changing:
    """A fact that changes: its values, how it is first told, how the change is told, and how it is asked for."""

    attribute: str
    values: tuple[str, ...]
    first: tuple[str, ...]
    then: tuple[str, ...]
    now: tuple[str, ...]
    old: tuple[str, ...]


CHANGING = (
    Changing(
        "city",
        _words("Boston|Leipzig|Porto|Toronto|Ghent|Austin|Krakow|Dublin"),
        ("I live in {v}, close to the station.", "I'm based in {v} these days."),
        ("I moved to {v} last week, boxes everywhere!", "We've just relocated to {v}.", "I live in {v} now."),
        ("Where do I live?", "Which city do I live in now?"),
        ("Where did I live before?", "What was my previous city?"),
    ),
    Changing(
        "job",
        _words("nurse|carpenter|data analyst|teacher|pharmacist|baker|translator|bus driver"),
        ("I work as a {v}, early shifts mostly.", "I'm a {v}, by the way."),
        ("I started working as a {v}.", "I now work as a {v}, finally something new."),
        ("What is my job?", "What do I do for a living?"),
        ("What was my old job?", "What did I work as before?"),
    ),
    Changing(
        "phone",
        _words("+1 415 555 0137|+44 20 7946 0991|555-0188-21|+49 30 901820|202-555-0143"),
        ("My phone number is {v}.", "You can reach me at {v}."),
        (
            "My new phone number is {v}.",
            "I got a new SIM: my number is now {v}.",
            "Please update my phone number to {v}.",
        ),
        ("What is my phone number?", "Which number can you call me on?"),
        ("What was my old phone number?", "Which phone number did I have before?"),
    ),
    Changing(
        "address",
        _words("12 Elm Street|48 Harbour Road|7 Kings Lane|301 Maple Avenue|9 Mill Court|66 Station Square"),
        ("My address is {v}.", "Please send it to me, my address is {v}."),
        ("My address is now {v}.", "My new address is {v}.", "Please change my address to {v}."),
        ("What is my address?", "What address should the parcel go to?"),
        ("What was my old address?", "What was my previous address?"),
    ),
    Changing(
        "e-mail",
        _words("sunny@mail.test|k.weber@post.test|hello@river.test|m88@inbox.test|contact@oak.test"),
        ("My email is {v}.", "You can mail me at {v}."),
        ("My new e-mail address is {v}.", "Please update my email to {v}.", "My email has changed to {v}."),
        ("What is my e-mail address?", "Which email do you have for me?"),
        ("What was my old email address?", "Which e-mail did I use before?"),
    ),
    Changing(
        "favorite color",
        _words("teal|crimson|olive|lilac|amber|navy"),
        ("My favorite color is {v}.", "My favourite colour is {v}, obviously."),
        ("My favorite color is now {v}.", "My favourite colour is {v} these days."),
        ("What is my favorite color?", "Which color is my favorite?"),
        ("What was my old favorite color?", "What was my favorite color before?"),
    ),
    Changing(
        "plan",
        _words("Basic|Plus|Gold|Family|Student|Business"),
        ("My plan is the {v} plan.", "My subscription is {v}."),
        ("I switched to the {v} plan.", "My plan is now {v}.", "I upgraded to the {v} plan yesterday."),
        ("Which plan am I on?", "What is my subscription plan?"),
        ("Which plan did I have before?", "What was my previous plan?"),
    ),
    Changing(
        "shoe size",
        _words("38|39|41|42|44|45"),
        ("My shoe size is {v}.", "My shoe size is {v}, wide."),
        ("My shoe size is now {v}.", "Turns out my shoe size is {v}."),
        ("What is my shoe size?", "Which shoe size do I need?"),
        ("What was my old shoe size?", "What shoe size did I have before?"),
    ),
)


class _Writer:
    """Writes one dialogue, turn by turn."""

    def __init__(self, dialogue: Dialogue, rng: random.Random, start: datetime) -> None:
        self.dialogue = dialogue
        self.rng = rng
        self.at = start
        self.thread = ""
        self.told: dict[tuple[str, str], list[int]] = defaultdict(list)
        """By topic and speaker."""
        self.changed: dict[str, list[int]] = defaultdict(list)
        """By attribute."""

    def say(self, speaker: str, text: str) -> int:
        self.at += timedelta(seconds=self.rng.randint(5, 90))
        key = len(self.dialogue.turns)
        self.dialogue.turns.append(Said(key, speaker, text, self.at, self.thread))
        return key

    def other(self, speaker: str) -> str:
        return self.dialogue.friend if speaker == self.dialogue.user else self.dialogue.user

    def recollect(self, value: str) -> None:
        """Mention something told earlier, without saying anything about it."""
        speaker = self.rng.choice((self.dialogue.user, self.dialogue.friend))
        self.say(speaker, self.rng.choice(CALLBACKS).format(v=value.replace("my ", "the "), other=self.other(speaker)))

    def chat(self, speaker: str) -> None:
        self.say(speaker, self.rng.choice(SMALL_TALK).format(other=self.other(speaker)))


def make(seed: int, *, users: int = 10, sessions: int = 20) -> list[Dialogue]:
    """*users* dialogues of *sessions* sessions each, about 24 turns a session."""
    return [_dialogue(random.Random(f"{seed}/{number}"), number, sessions) for number in range(users)]


def _dialogue(rng: random.Random, number: int, sessions: int) -> Dialogue:
    user, friend = rng.sample(NAMES, 2)
    dialogue = Dialogue(user, friend)
    start = datetime(2024, 1 + number % 6, 1 + number % 20, 18, tzinfo=UTC)
    writer = _Writer(dialogue, rng, start)
    left = {
        (topic.name, speaker): rng.sample(topic.values, len(topic.values))
        for topic in TOPICS
        for speaker in (user, friend)
    }
    changes = _changes(rng, sessions, skipped=("city", "address")[number % 2])
    mentioned: list[str] = []
    for session in range(sessions):
        writer.at = start + timedelta(days=session * 11 + rng.randint(0, 5), hours=rng.randint(-6, 4))
        writer.thread = f"session {session + 1}"
        writer.chat(user)
        writer.chat(friend)
        for topic in rng.sample(TOPICS, 3):
            for speaker in rng.sample((user, friend), 2):
                if left[topic.name, speaker] and rng.random() < 0.75:
                    mentioned.append(left[topic.name, speaker].pop())
                    _tell(writer, topic, speaker, mentioned[-1])
            if mentioned:
                writer.recollect(rng.choice(mentioned))
        for change, value in changes[session]:
            _change(writer, change, value)
        writer.chat(friend)
        writer.chat(user)
    _ask_all(writer)
    _ask_changes(writer)
    return dialogue


def _tell(writer: _Writer, topic: Topic, speaker: str, value: str) -> None:
    rng, dialogue = writer.rng, writer.dialogue
    style = rng.randrange(2)
    bare = value.removeprefix("my ")
    text = topic.tells[style].format(v=value)
    first = writer.say(speaker, text[0].upper() + text[1:])
    writer.say(writer.other(speaker), rng.choice(ECHOES).format(v=value.replace("my ", "your "), other=speaker))
    day = writer.at
    names = {"v": bare, "k": bare, "who": speaker}
    dialogue.questions.append(Question("single", rng.choice(topic.asks).format(**names), (first,)))
    if rng.random() < 0.6:
        detail = writer.say(speaker, topic.details[style].format(n=rng.randint(2, 60)))
        dialogue.questions.append(Question("detail", topic.asks_detail[style].format(**names), (detail,)))
    if rng.random() < 0.4:
        month = f"{day:%B} {day.year}"
        text = rng.choice(
            (f"What did {speaker} tell about {bare} in {month}?", f"{topic.asks_when} in {month}?".format(who=speaker))
        )
        dialogue.questions.append(Question("temporal", text, (first,)))
    for _ in range(rng.randint(0, 2)):
        writer.chat(rng.choice((speaker, writer.other(speaker))))
    writer.told[topic.name, speaker].append(first)


def _changes(rng: random.Random, sessions: int, skipped: str) -> dict[int, list[tuple[Changing, str]]]:
    """Which facts are told in which session, and changed once or twice; a new city would end the old address, so one of them
    is *skipped*."""
    plan: dict[int, list[tuple[Changing, str]]] = defaultdict(list)
    for change in (one for one in CHANGING if one.attribute != skipped):
        values = rng.sample(change.values, 3)
        for place, session in enumerate(sorted(rng.sample(range(sessions), min(sessions, rng.randint(2, 3))))):
            plan[session].append((change, values[place]))
    return plan


def _change(writer: _Writer, change: Changing, value: str) -> None:
    tells = change.then if writer.changed[change.attribute] else change.first
    key = writer.say(writer.dialogue.user, writer.rng.choice(tells).format(v=value))
    writer.changed[change.attribute].append(key)
    if writer.rng.random() < 0.5:
        writer.say(writer.dialogue.friend, f"{value}, got it, {writer.dialogue.user}.")


def _ask_all(writer: _Writer) -> None:
    for topic in TOPICS:
        for speaker in (writer.dialogue.user, writer.dialogue.friend):
            keys = writer.told[topic.name, speaker]
            if len(keys) > 1:
                writer.dialogue.questions.append(Question("multi", topic.asks_all.format(who=speaker), tuple(keys)))


def _ask_changes(writer: _Writer) -> None:
    """The present value, the one before it, and the value at a time between two changes."""
    dialogue = writer.dialogue
    for change in CHANGING:
        keys = writer.changed[change.attribute]
        if not keys:
            continue
        dialogue.questions.append(Question("current", writer.rng.choice(change.now), (keys[-1],)))
        dialogue.questions.append(Question("old", writer.rng.choice(change.old), (keys[-2],)))
        for earlier, later in pairwise(keys):
            middle = dialogue.turns[earlier].at + (dialogue.turns[later].at - dialogue.turns[earlier].at) / 2
            dialogue.questions.append(Question("as of", writer.rng.choice(change.now), (earlier,), middle))

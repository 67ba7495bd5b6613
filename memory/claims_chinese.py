"""Small facts in what a user says in Chinese, by rule: "我搬到上海了", "我对花生过敏"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from .facts import Kind

Found = tuple[str, str, Kind, tuple[int, int]]
"""Attribute, value, kind, and where in the sentence."""


def _r(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_CN_VALUE: Final = r"(?P<v>[^,。!?;、,.!?;\s]{1,40}?)(?:了|吧|就行|就好|就可以)?(?=[,。!?;,.!?;\s]|$)"
_CN_NOW: Final = r"(?:现在|目前|已经|刚刚|刚|最近|前几天|上周|上个月|去年|今年|昨天|今天|也|又|就)*"
_CN_IS: Final = r"(?:现在|已经|目前)?(?:是|为|改成|改为|换成|变成|改到|更新为|叫|叫做)(?:了)?[::]?"
_CN_JOB: Final = (
    "(?:老师|教师|医生|护士|工程师|律师|司机|会计|学生|警察|厨师|程序员|设计师|经理|"
    "记者|作家|画家|农民|教授|翻译|摄影师|研究员|公务员|店主|导游|编辑|演员)"
)
_CHINESE: Final[tuple[tuple[re.Pattern[str], str, Kind], ...]] = (
    (
        _r(
            rf"(?:我的名字{_CN_IS}|我(?:现在)?(?:名叫|叫做|叫)(?![了过的你您他她它]|外卖|车|人)|(?:请|可以|就)?叫我){_CN_VALUE}"
        ),
        "name",
        "is",
    ),
    (_r(rf"我的?(?:新|收货|家庭|家里的?|家)?(?:地址|住址)(?::|{_CN_IS}){_CN_VALUE}"), "address", "is"),
    (
        _r(
            rf"(?:我的?新?(?:手机|电话)|(?<![他她你您们])(?:手机号码?|电话号码))(?:{_CN_IS})?:?(?P<v>\+?\d[\d -]{{5,}}\d)"
        ),
        "phone",
        "is",
    ),
    (
        _r(rf"(?:我的?(?:新)?(?:电子邮箱|邮箱地址|邮箱|电子邮件){_CN_IS}|发到)(?P<v>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"),
        "e-mail",
        "is",
    ),
    (_r(r"订单(?:号码|编号|号)?(?:是|为)?[::]?\s*(?P<v>[A-Za-z]{0,4}-?\d{3,}[\w-]*)"), "order number", "has"),
    (_r(r"我(?:也|还|一直)?对(?P<v>[^,。!?不]{1,20}?)(?:都|也|会|严重|很)*过敏"), "allergy", "has"),
    (_r(rf"我{_CN_NOW}(?:很|最|非常|比较|特别|更|挺|超)?(?:喜欢|爱)(?:吃|喝|看|听|玩)?{_CN_VALUE}"), "likes", "has"),
    (_r(rf"我{_CN_NOW}(?:很|最|非常|比较|特别)?(?:讨厌|不喜欢|不爱)(?:吃|喝)?{_CN_VALUE}"), "dislikes", "has"),
    (_r(rf"我{_CN_NOW}是(?:一名|一个|一位|名|个|位|做){_CN_VALUE}"), "job", "is"),
    (_r(rf"我{_CN_NOW}是(?P<v>[^,。!?的个]{{0,6}}?{_CN_JOB})(?=[,。!?;\s]|$)"), "job", "is"),
    (_r(rf"我{_CN_NOW}在[^,。!?]{{2,20}}?(?:当|做)(?P<v>[^,。!?的]{{0,6}}?{_CN_JOB})"), "job", "is"),
    (
        _r(rf"我{_CN_NOW}在(?!家|外)(?P<v>[^,。!?]{{2,20}}?)(?:工作|上班|任职|(?:当|做)[^,。!?的]{{0,6}}?{_CN_JOB})"),
        "employer",
        "is",
    ),
    (_r(rf"我{_CN_NOW}(?:是|吃)(?P<v>素食主义者|素食者|素食|素|清真|糖尿病人|糖尿病患者)"), "diet", "is"),
    (_r(r"我是(?P<v>[\d年月日号]{3,})(?:出生|生)的"), "birthday", "is"),
    (_r(rf"我的?生日(?:是|在){_CN_VALUE}"), "birthday", "is"),
    (_r(r"我(?:今年|现在)?(?P<v>\d{1,2})岁"), "age", "is"),
    (_r(r"我(?:现在|平时|一般|脚)?穿(?P<v>\w{1,4})码"), "size", "is"),
    (_r(rf"我的?(?:尺码|鞋码|衣服尺码)(?:现在)?(?:是|为|改成){_CN_VALUE}"), "size", "is"),
    (_r(rf"我{_CN_NOW}(?:(?:改|换|升级)(?:成|到|为|用)(?:了)?|用的是)(?P<v>[^,。!?,.!?]{{1,12}}?套餐)"), "plan", "is"),
)
_CN_LIVING: Final = _r(
    rf"我(?:们)?{_CN_NOW}(?P<how>住在|住到|搬到|搬去|搬家到|搬到了|搬去了|定居在|定居)(?:了)?{_CN_VALUE}"
)
_CN_PET: Final = _r(
    rf"我(?:的|家的|家|养的|有一只|有一条|有个)?(?:小)?(?P<a>狗狗|狗|猫咪|猫|兔子|鹦鹉|仓鼠|宠物)(?:的名字)?(?:叫做|叫|名叫|是){_CN_VALUE}"
)
_CN_RELATIVES: Final = {
    "女儿": "daughter", "儿子": "son", "妻子": "wife", "老婆": "wife", "太太": "wife", "丈夫": "husband", "老公": "husband",
    "先生": "husband", "妈妈": "mother", "母亲": "mother", "爸爸": "father", "父亲": "father", "孩子": "child", "宝宝": "child",
    "哥哥": "brother", "弟弟": "brother", "姐姐": "sister", "妹妹": "sister", "女朋友": "girlfriend", "男朋友": "boyfriend",
}  # fmt: skip
_CN_RELATIVE: Final = _r(
    rf"我的?(?P<a>{'|'.join(_CN_RELATIVES)})(?:(?:的名字)?(?:叫做|叫|名叫)(?![了过你您他她它])(?P<name>[^,。!?;\s]{{1,8}})"
    rf"|{_CN_NOW}(?:是)?(?P<age>\d{{1,3}})岁|{_CN_NOW}对(?P<allergy>[^,。!?不]{{1,20}}?)(?:都|也|会|严重|很)*过敏)"
)
_CN_MY: Final = _r(rf"我的(?P<a>[^,。!?,.!?是叫改换变为了]{{1,10}}?)(?:{_CN_IS}|{_CN_NOW}{_CN_IS}){_CN_VALUE}")
_CN_NO_MORE: Final = _r(
    r"我(?:已经)?不(?:再)?(?:住在|住|在|喜欢|爱|对|吃|喝|用|是)?(?P<v>[^,。!?,.!?]{1,20}?)(?:过敏|工作|上班)?了"
)
_CN_PETS: Final = {
    "狗狗": "dog",
    "狗": "dog",
    "猫咪": "cat",
    "猫": "cat",
    "兔子": "rabbit",
    "鹦鹉": "parrot",
    "仓鼠": "hamster",
    "宠物": "pet",
}
_CN_EMPTY: Final = re.compile(
    r"问题|意思|想法|看法|天|错|朋友|密码|卡号|银行卡|身份证|验证码|^等|包裹|快递|坏|慢|^这|^那|^你|^它|^您"
)


def chinese(sentence: str) -> Iterator[tuple[str, str, Kind]]:
    """Attribute, value and kind of what *sentence* claims."""
    makers: tuple[Callable[[str], Iterator[Found]], ...] = (
        _cn_no_more,
        _cn_relatives,
        _cn_listed,
        _cn_living,
        _cn_pets,
        _cn_possessed,
    )
    taken: list[tuple[int, int]] = []
    for make in makers:
        matches = list(make(sentence))
        for attribute, value, kind, span in matches:
            if not any(start < span[1] and span[0] < end for start, end in taken):
                yield attribute, value, kind
        taken += [match[3] for match in matches]


def _cn_no_more(sentence: str) -> Iterator[Found]:
    for match in _CN_NO_MORE.finditer(sentence):
        for attribute in ("city", "address", "employer", "job", "likes", "allergy", "diet", "size"):
            yield attribute, match["v"].strip(), "not", match.span()


def _cn_relatives(sentence: str) -> Iterator[Found]:
    for match in _CN_RELATIVE.finditer(sentence):
        who = _CN_RELATIVES[match["a"]]
        if match["name"]:
            yield who, match["name"], "is", match.span()
        elif match["age"]:
            yield f"{who}'s age", match["age"], "is", match.span()
        else:
            yield from ((f"{who}'s allergy", value, "has", match.span()) for value in _several(match["allergy"]))


def _cn_listed(sentence: str) -> Iterator[Found]:
    for pattern, attribute, kind in _CHINESE:
        for match in pattern.finditer(sentence):
            if not _CN_EMPTY.search(match["v"]):
                values = _several(match["v"]) if kind == "has" else [match["v"].strip()]
                yield from ((attribute, value, kind, match.span()) for value in values)


def _several(text: str) -> list[str]:
    """The things that *text* lists."""
    return [value.strip() for value in re.split("[和、跟]|以及", text) if value.strip()]


def _cn_living(sentence: str) -> Iterator[Found]:
    for match in _CN_LIVING.finditer(sentence):
        place, other = ("address", "city") if re.search(r"[\d号路街弄]", match["v"]) else ("city", "address")
        yield place, match["v"], "is", match.span()
        if match["how"].startswith("搬"):
            yield other, "", "not", match.span()


def _cn_pets(sentence: str) -> Iterator[Found]:
    for match in _CN_PET.finditer(sentence):
        yield f"{_CN_PETS[match['a']]}'s name", match["v"], "is", match.span()


def _cn_possessed(sentence: str) -> Iterator[Found]:
    for match in _CN_MY.finditer(sentence):
        if not _CN_EMPTY.search(match["a"]) and not _CN_EMPTY.search(match["v"]):
            yield match["a"], match["v"], "is", match.span()

"""Words that customers use for the same thing; a bridge where no embedding model is installed."""

from __future__ import annotations

from typing import Final

from .words import stem

_GROUPS: Final = """
package parcel shipment order delivery
ship deliver send dispatch post mail courier
arrive come reach delivery
refund reimburse repay moneyback
return exchange sendback
cancel terminate abort end stop discontinue
buy purchase order
pay payment charge bill
price cost fee charge expensive cheap rate
invoice bill receipt
discount coupon voucher promo promotion code deal offer
broken damaged defective faulty cracked malfunction
fix repair mend
warranty guarantee
contact reach call phone telephone speak talk
human person agent representative staff operator
hours open opening close closing schedule
shop store outlet branch location
account profile login
password passcode credential
login signin log sign
forgot forget lost reset recover
change modify update edit alter switch
delete remove erase close
subscription plan membership
upgrade downgrade
email mail
address location
abroad international overseas foreign worldwide
country abroad
fast quick express speedy rush
long time duration days
track trace follow status
late delayed overdue delay
missing lost disappeared
wrong incorrect mistaken
size fit measurement
colour color shade
stock available availability inventory
gift present
card credit debit visa mastercard
instalment installment financing
privacy data personal gdpr
clean wash care
battery charge power
app application mobile
device phone laptop computer
help support assistance
complaint complain dissatisfied
job career vacancy hiring work
student education
free gratis complimentary
minimum least
maximum most limit
""".strip().splitlines()


def _table() -> dict[str, tuple[str, ...]]:
    table: dict[str, set[str]] = {}
    for line in _GROUPS:
        group = {stem(word) for word in line.split()}
        for word in group:
            table.setdefault(word, set()).update(group - {word})
    return {word: tuple(sorted(others)) for word, others in table.items()}


_TABLE: Final = _table()


def related(term: str) -> tuple[str, ...]:
    """Index terms that may stand for *term*."""
    return _TABLE.get(term, ())

"""Acronyms and names which in small letters are words that stand in every article, by language."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The words that hold sentences together, and a few more that somebody took for a name: ARM, ICE, SAP, SWIFT, BIS, MIT.
# Words that people do look for are left out: whoever types TAX is content with tax.
_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": """
            act aid aids all am an and any are arm as at be but by can cap cat did do for gap had ham has he her him his
            hit how ice if in is it its led let may me my no nor not now of off on one or our out pet sap she so star
            start step sun swift tap the to top two up us use was we who why you
        """,
        "de": """
            ab am an auf aus bei bin bis da das dem den der des die du ein er es hat her hin ich ihm ihn ihr im in ist
            ja man mit nie nun nur ob sei sie so um und uns vom von vor war was weg wer wie wir zu zum zur
        """,
        "fr": """
            ai as au aux but ce ces cet des dit don du elle en es est et eu eux il ils la le les leur lui ma me mes mi
            ne ni non nos nous nu on ont or ou par pas peu pour pur que qui sa se ses si soi son sous sur ta te tes tu
            un une va
        """,
        "es": """
            al ante con da dan de del dos el ella en era es esa ese eso ha han la las le les lo los me mes mi muy ni no
            nos os para por que se sea ser si sin son su sus tal tan te tu un una uno va van ver ya yo
        """,
        "it": """
            ai al alla che chi ci con cui da dai dal dei del di ed era fa fra gli ha hai ho il in io la le lei lo lui ma
            me mi mia ne nei nel no noi non per qui se sei si sia sono sta su sua sul te ti tra tre tu un una uno va vi
            via voi
        """,
        "pt": """
            ao aos as ate com da das de dela dele do dos ela ele em era essa esse eu foi ha ia isso ja la lhe mas me meu
            na nas nem no nos os ou para pela pelo por que se sem ser seu si sob sua tal tem ter tu um uma vai
        """,
        "nl": """
            aan al als bij dan dat de den die dit doe door een en er had heb hem hen het hij hoe hun ik in is ja kan man
            me meer men met mij na naar niet nog nu of om on ons ook op over te tot uit van vol voor was wat we wel wie
            wij wil ze zij zo
        """,
    }.items()
}
LONGEST = 5


def is_also_a_word(word: str, languages: Sequence[str]) -> str | None:
    """Return the language in which an acronym is an ordinary word; without any to go by, English is looked at."""
    if not (1 < len(word) <= LONGEST and word.isascii() and word.isalpha() and word.isupper()):
        return None
    return next((tongue for tongue in languages or ("en",) if word.lower() in _WORDS.get(tongue, ())), None)

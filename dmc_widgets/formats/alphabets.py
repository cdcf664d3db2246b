"""The letters of languages, and the encodings in which they are saved.

A wrong encoding turns the letters of a language into others that no language uses
together: ``Győr`` in Windows-1250 reads ``Gyõr`` in Windows-1252, ``Łódź`` reads
``£ódŸ``. So the share of letters that belong to one language tells encodings apart
where every byte is a character in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SYMBOLS: Final = frozenset(
    "“”„‘’‚«»–—…•·€£§°®©™²³½¼¾µ×±¡¿´ªº№、。・「」（）：，！？～￥　"
)
"""Characters that are not letters, and as usual in one language as in another."""

_LATIN: Final = {
    "German": "äöüß",
    "French": "àâæçéèêëîïôùûüÿœ",
    "Spanish": "áéíñóúü",
    "Portuguese": "àáâãçéêíóôõú",
    "Italian": "àèéìíîòóùú",
    "Dutch": "áéëïíóöúüèê",
    "Danish": "æøåéäöü",
    "Swedish": "åäöéü",
    "Polish": "ąćęłńóśźż",
    "Czech": "áčďéěíňóřšťúůýž",
    "Slovak": "áäčďéíľňóôšťúýž",
    "Hungarian": "áéíóöőúüű",
    "Croatian": "čćđšž",
    "Romanian": "ăâîșțşţ",
    "Turkish": "çğıöşüâîûİ",
    "Lithuanian": "ąčęėįšųūž",
    "Latvian": "āčēģīķļņšūž",
    "Estonian": "äöõüšž",
    "Catalan": "àçèéíïòóúü",
    "Albanian": "çë",
    "Icelandic": "áéíóúýþæöð",
}
_CYRILLIC: Final = {
    "Russian": "абвгдежзийклмнопрстуфхцчшщъыьэюяё",
    "Ukrainian": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "Bulgarian": "абвгдежзийклмнопрстуфхцчшщъьюя",
    "Serbian": "абвгдђежзијклљмнњопрстћуфхцчџш",
}
_OTHERS: Final = {
    "Greek": "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ",
    "Hebrew": "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
    "Arabic": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگ،؟",
    "Thai": "".join(chr(code) for code in (*range(0xE01, 0xE3B), *range(0xE40, 0xE5B))),
}
LETTERS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(letters + letters.upper().replace("SS", ""))
    for name, letters in {**_LATIN, **_CYRILLIC, **_OTHERS}.items()
}
"""The letters beyond ASCII of each language, large and small."""

FREQUENT: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(letters + letters.upper())
    for name, letters in {
        "Russian": "оеаинтсрвл",
        "Ukrainian": "оаинтвреік",
        "Bulgarian": "аиоетнрсвл",
        "Serbian": "аоиенрстјк",
        "Greek": "αοιετσνηυρςόίά",
        "Hebrew": "יוהלאתרבשמנ",
        "Arabic": "اليمنرتوهبةدع",
        "Thai": "านรกอเงมยลวดทสต่้ั",
    }.items()
}
"""The letters that make up more than half of a text, where a language has its own."""

_WEST: Final = (
    *("German", "French", "Spanish", "Portuguese", "Italian", "Dutch", "Danish"),
    *("Swedish", "Catalan", "Albanian"),
)
_CENTRAL: Final = (
    *("Polish", "Czech", "Slovak", "Hungarian", "Croatian", "Romanian", "German"),
    "Albanian",
)
_BALTIC: Final = ("Lithuanian", "Latvian", "Estonian", "Polish", "German")
_CYRILLICS: Final = tuple(_CYRILLIC)

LANGUAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "cp1252": (*_WEST, "Icelandic", "Estonian"),
    "cp1250": _CENTRAL,
    "cp1251": _CYRILLICS,
    "cp1254": ("Turkish", *_WEST),
    "cp1253": ("Greek",),
    "cp1257": _BALTIC,
    "cp1255": ("Hebrew",),
    "cp1256": ("Arabic",),
    "iso8859_2": _CENTRAL,
    "iso8859_15": _WEST,
    "iso8859_5": _CYRILLICS,
    "iso8859_7": ("Greek",),
    "iso8859_13": _BALTIC,
    "iso8859_6": ("Arabic",),
    "koi8_r": ("Russian",),
    "koi8_u": ("Ukrainian", "Russian"),
    "cp850": _WEST,
    "cp852": _CENTRAL,
    "cp866": ("Russian", "Ukrainian"),
    "mac_roman": _WEST,
    "cp874": ("Thai",),
}
"""Encodings of one byte a character, the usual ones first, and who writes in them."""

USUAL_BYTES: Final[Mapping[str, tuple[tuple[int, int], ...]]] = {
    "gb18030": ((0xA1A1, 0xA9FE), (0xB0A1, 0xD7F9)),
    "cp932": ((0x8140, 0x84BE), (0x889F, 0x9872)),
    "cp950": ((0xA140, 0xA3BF), (0xA440, 0xC67E)),
    "cp949": ((0xA1A1, 0xACFE), (0xB0A1, 0xC8FE)),
    "euc_jp": ((0xA1A1, 0xA8FE), (0xB0A1, 0xCFD3)),
}
"""Encodings of two bytes a character, and where their usual characters stand: kana,
Hangul, and the Chinese characters that the standard counts as common."""

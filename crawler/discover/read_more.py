"""How a text says in many languages that it goes on elsewhere: "Read more", "Weiterlesen", "続きを読む"."""

from __future__ import annotations

import re

_MORE = (
    # English
    r"(?:read|see|view|learn|find out|discover) (?:more|on|the (?:full|whole|rest|complete|original)\b[\w ]{0,20})",
    r"(?:continue|keep) reading\b.{0,80}",
    r"(?:read|view|see) (?:the )?(?:rest|full|entire|whole|complete|original)\b[\w ]{0,20}",
    r"(?:full|complete|original) (?:story|article|post|text|version)",
    r"click (?:here )?to (?:read|view|continue|see)\b[\w ]{0,20}",
    r"more (?:at|on) [\w. ]{2,30}",
    r"more",
    # German
    r"weiter ?lesen\b.{0,60}",
    r"mehr(?: lesen| erfahren)?",
    r"(?:den )?(?:ganzen|vollständigen|kompletten) (?:artikel|beitrag|text)(?: lesen)?",
    r"zum (?:ganzen |vollständigen )?(?:artikel|beitrag)",
    # French
    r"lire (?:la suite|plus|l['’]article)\b.{0,40}",
    r"(?:la )?suite(?: de l['’]article)?",
    r"en savoir plus",
    r"continuer (?:la lecture|à lire)\b.{0,60}",
    # Spanish, Portuguese, Italian, Catalan, Romanian
    r"(?:leer|ver) más",
    r"(?:seguir|continuar|continúa|sigue) (?:leyendo|la lectura)\b.{0,60}",
    r"leer (?:la |el )?(?:noticia|artículo|nota|texto)?\s?complet[ao]",
    r"(?:continue|continuar) (?:a ler|lendo|a leitura)\b.{0,60}",
    r"(?:ler|leia) (?:mais|o artigo|a notícia|a matéria|o texto|a íntegra)\b.{0,20}",
    r"saiba mais",
    r"leggi (?:tutto|di più|l['’]articolo|il resto)\b.{0,20}",
    r"continua(?: a leggere| la lettura)?",
    r"llegi[rt]? més|continua llegint",
    r"cite[sșş]te (?:mai mult|mai departe|continuarea|articolul)\b.{0,20}",
    # Dutch, Scandinavian, Finnish, Baltic
    r"lees (?:meer|verder|het (?:hele|volledige) \w+)|verder lezen|meer lezen",
    r"läs (?:mer|vidare|hela \w+)|fortsätt (?:att )?läsa",
    r"les (?:mer|videre|hele \w+)|fortsett å lese",
    r"læs (?:mere|videre|hele \w+)|fortsæt læsning",
    r"lesa meira",
    r"lue (?:lisää|koko \w+)|jatka lukemista",
    r"loe (?:edasi|lähemalt|rohkem)",
    r"lasīt (?:vairāk|tālāk)",
    r"skaity(?:ti|kite) (?:daugiau|toliau)",
    # Slavic
    r"czytaj (?:dalej|więcej|cały artykuł)|więcej",
    r"(?:číst|čtěte|čítať) (?:dále|dál|více|viac|ďalej|celý článok|celý článek)|celý článe?o?k",
    r"(?:pro)?čitaj(?:te)? (?:više|još|dalje|ceo tekst)|opširnije|nastavi(?:te)? (?:čitati|čitanje)",
    r"preberi(?:te)? (?:več|celoten članek)",
    r"(?:про)?(?:читать|читайте) (?:далее|дальше|полностью|ещё|еще|продолжение)|подробнее",
    r"(?:читати|читайте) (?:далі|більше|повністю)|докладніше",
    r"(?:прочети|виж) (?:още|повече)|прочитај (?:више|још)",
    # Greek, Hungarian, Turkish
    r"διαβάστε (?:περισσότερα|τη συνέχεια|όλο το άρθρο)|περισσότερα|συνέχεια (?:ανάγνωσης|εδώ)",
    r"tovább(?: olvasom| a (?:teljes )?cikk(?:hez|re))?|bővebben",
    r"devamını (?:oku|okuyun|gör)|(?:haberin )?devamı\b.{0,20}",
    # Arabic, Persian, Urdu, Hebrew
    r"[اإ]قرأ (?:المزيد|أكثر|المقال|بقية)\b.{0,20}|المزيد|متابعة القراءة",
    r"ادامه (?:مطلب|خبر|مقاله)|بیشتر بخوانید",
    r"مزید پڑھیں",
    r"(?:קרא|קראו|לקריאת) (?:עוד|בהמשך|הכתבה\b.{0,20})|(?:ל?המשך) (?:ה?קריאה|הכתבה)",
    # South and South-East Asia
    r"(?:और|आगे|पूरा) पढ़ें|পড়ুন|আরও পড়ুন|மேலும் படிக்க|మరింత చదవండి",
    r"อ่าน(?:ต่อ|เพิ่มเติม)",
    r"(?:xem|đọc) (?:thêm|tiếp)",
    r"(?:baca )?selengkapnya|baca (?:selanjutnya|lebih lanjut|lagi)",
    # Chinese, Japanese, Korean
    r"(?:点击)?(?:阅读|閱讀|查看)(?:全文|更多|原文)|(?:继续|繼續)(?:阅读|閱讀)|更多(?:内容|內容)?|(?:原文|全文)(?:链接|連結)?",
    r"続き(?:を(?:読む|見る)|はこちら)|(?:全文|もっと|記事)を?(?:読む|見る)",
    r"더 ?보기|더 ?읽기|계속 ?읽기|기사 ?(?:전문|더 ?보기|원문)|전체 ?보기|자세히 ?보기",
)
_EDGE = r"[\s\W_]{0,12}"
_READ_MORE = re.compile(f"{_EDGE}(?:{'|'.join(_MORE)}){_EDGE}", re.IGNORECASE)
_LONGEST = 120

_ELLIPSIS = re.compile(r"(?:…|\.\.\.+|\. \. \.)\s?[\])>}»›→]*\s*$")


def says_read_more(text: str) -> bool:
    """Tell whether a line, or the text of a link, is an invitation to read on and nothing else."""
    return len(text) <= _LONGEST and _READ_MORE.fullmatch(text) is not None


def ends_in_ellipsis(text: str) -> bool:
    return _ELLIPSIS.search(text[-20:]) is not None

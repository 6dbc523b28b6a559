"""What newspapers of all countries say around their articles: of other pieces, of their shops, to their readers."""

from __future__ import annotations

import re

# {{name}}, {% if %}, ${name}, <%= name %>: what a template engine was to fill in
PLACEHOLDER = re.compile(r"\{\{|\}\}|\{%|%\}|\$\{\w|<%")

_SEE_ALSO = (
    # English
    r"(?:read|see|watch|find out|learn) (?:more|also|next|now)\b",
    r"(?:also|must) (?:read|see|watch)\b",
    r"you (?:may|might) also like",
    r"more ?:",
    r"more (?:on|from|about)\b.{0,40}$",
    r"(?:related|recommended)(?: (?:articles?|stories|news|topics?|links?|for you))? ?(?::|$)",
    r"don.t miss",
    # German
    r"les(?:en sie|t) (?:auch|hier|mehr)",
    r"mehr (?:zum thema|dazu|lesen)",
    r"(?:auch|das könnte sie auch) interess",
    r"zum thema ?:",
    # French
    r"(?:à )?lire (?:aussi|également|plus)",
    r"à lire ?:",
    r"voir aussi",
    r"sur le même sujet",
    # Spanish, Portuguese, Italian, Romanian
    r"(?:lea|lee|leer|ver|vea|mira) (?:también|además|más)",
    r"te puede interesar",
    r"más información ?(?::|$)",
    r"(?:leia|veja|confira) (?:também|mais)",
    r"saiba mais",
    r"(?:leggi|vedi|guarda) anche",
    r"per approfondire",
    r"cite[sș]te [sș]i",
    # Dutch, Scandinavian, Finnish, Baltic
    r"lees (?:ook|meer|verder)",
    r"les (?:også|mer)",
    r"läs (?:också|mer|även)",
    r"læs (?:også|mere)",
    r"lue myös",
    r"loe ka\b",
    r"lasi arī",
    r"skaityk(?:ite)? taip pat",
    # Slavic
    r"(?:czytaj|zobacz|przeczytaj|sprawdź|polecamy) ?(?:też|także|również|więcej|:)",
    r"(?:čtěte|přečtěte si|čítajte) (?:také|dále|více|aj|tiež)",
    r"pročitajte (?:još|i)\b",
    r"preberite (?:tudi|še)",
    r"(?:читайте|смотрите|дивіться|чытайце) (?:также|також|таксама|ещё|ще)",
    r"по теме ?:",
    r"прочетете още",
    # Greek, Hungarian, Turkish, Arabic, Malay, Vietnamese
    r"διαβάστε (?:επίσης|ακόμη|ακόμα)",
    r"olvas(?:sa|d) el",
    r"ilginizi çekebilir",
    r"[اإ]قرأ (?:أيضا|المزيد)",
    r"(?:baca|simak) (?:juga|selengkapnya)",
    r"(?:đọc|xem) thêm",
    # Japanese, Chinese, Korean
    r"【?関連(?:記事|ニュース)?[】:：]",
    r"あわせて読みたい",
    r"(?:延伸|相關|相关|推荐|推薦)(?:閱讀|阅读|新聞|新闻|報導|报道|文章)",
    r"관련 ?기사",
)
SEE_ALSO = re.compile(r"\W{0,3}(?:" + "|".join(_SEE_ALSO) + ")", re.IGNORECASE)
"""How a line begins that points to another piece."""

_PROMOTION = (
    # what is free and what is not
    r"free articles? (?:left|remaining|this month)",
    r"subscribe (?:now )?to (?:\w+ ){0,3}(?:get|read|continue|unlock|access|newsletter|channel)",
    r"unlimited access",
    r"to continue reading",
    r"already (?:an? )?(?:subscriber|subscribed|registered|member)",
    r"need a subscription",
    r"(?:trial|subscription|access)\b.{0,40}\bexpired",
    r"^try \d+ (?:weeks?|months?)",
    r"^offer ends",
    r"jetzt (?:abonnieren|anmelden|testen)",
    r"abonnez-vous",
    r"réservé aux abonnés",
    r"suscr[íi]bete",
    r"para suscriptores",
    r"assine (?:já|agora)",
    r"iscriviti (?:alla|al|per)",
    r"abbonati",
    r"подпи(?:шитесь|сывайтесь)|підпи(?:шіться|суйтесь)",
    r"abone ol",
    r"購読|会員登録|訂閱|订阅|구독",
    # newsletters, channels, apps
    r"sign up (?:for|to|here|now)",
    r"(?:daily|weekly|our|free) newsletters?\b",
    r"in(?:to)? your inbox",
    r"thanks for signing up",
    r"processing your (?:subscription|request)",
    r"newsletter (?:abonnieren|anmelden|bestellen)",
    r"follow [@\w. ]{1,40} on (?:twitter|facebook|instagram|x\b|google|telegram|whatsapp)",
    r"(?:like|find) us on facebook",
    r"join (?:our|the) (?:\w+ ){0,2}(?:channel|forum|conversation|community|group)",
    r"download (?:our|the) (?:\w+ ){0,3}app\b",
    r"click here (?:to|for)",
    # how to reach the author, and whose the text is
    r"got a (?:story|tip)\b|have a tip\?",
    r"get in touch with",
    r"(?:e-?mail|write to|contact) .{0,60}@\w",
    r"may be reached at",
    r"all rights reserved",
    r"©",
    r"(?:\(c\)|copyright) ?(?:19|20)\d\d",
    r"for (?:your )?personal,? (?:use|non-?commercial)",
    r"accept (?:all )?cookies|terms of (?:use|service)|privacy policy",
)
PROMOTION = re.compile("|".join(_PROMOTION), re.IGNORECASE)
"""What a line says somewhere that is no news. Articles quote such words: only short lines may be judged by them."""

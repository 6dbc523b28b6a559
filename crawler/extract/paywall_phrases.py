"""What paywalls of all countries say, and what they are called.

RE2 syntax, read without regard to case and accents. A "." stands where apostrophes and spaces are of many kinds.
"""

from __future__ import annotations

from crawler.extract.cues import Cues

PAYWALL = Cues(
    # English
    (
        r"\b(?:subscribe|register|sign up|sign in|log in|upgrade|join)\b.{0,40}\bto (?:continue|keep|read|finish|"
        r"access|unlock|view)\b"
    ),
    (
        r"(?:^|[^l]) to (?:continue|keep|finish) (?:reading|enjoying|viewing)\b|\b(?:continue|keep|finish)"
        r" reading (?:this|the|with|for)\b|\bto (?:read|access|view|unlock) (?:the (?:full|rest|whole|entire|"
        r"complete)|this (?:full|article|story|content))\b"
    ),
    (
        r"\b(?:available|reserved|exclusive(?:ly)?|only|content|free|open) (?:only )?(?:to|for) (?:\w+ ){0,3}"
        r"(?:subscribers|members|registered)\b|\b(?:subscriber|member)s?.(?:only|exclusive)\b|"
        r"\bpremium (?:content|article|story|subscribers?)\b"
    ),
    (
        r"\byou.{0,4} (?:have )?(?:reached|used|read|hit|exceeded|run out of)\b.{0,60}\b(?:articles?|stories|"
        r"limit|views)\b|\barticle limit\b"
    ),
    (
        r"\bthe (?:rest|remainder) of this (?:article|story|post)\b|\bthis (?:article|story|content|post)"
        r" is (?:for|locked|behind|part of|only|exclusive)\b|\bunlock (?:this|the|full|unlimited|all)\b"
    ),
    # German
    (
        r"\b(?:weiter ?lesen|weiterzulesen|vollständig lesen|zu ende lesen|ganzen artikel|gesamten artikel|"
        r"vollständigen artikel)\b.{0,60}\b(?:abo|abonn|plus|premium|registr|anmeld|monat|freischalt|kostenlos)|"
        r"\b(?:um|zum) (?:\w+ ){0,4}(?:weiter ?lesen|weiterzulesen)"
    ),
    (
        r"\b(?:nur|exklusiv|exklusive\w*) (?:\w+ ){0,2}(?:für|mit) (?:\w+ ){0,2}(?:abonnent|abo|mitglieder|plus|"
        r"premium|registriert)|\b(?:artikel|inhalt|text|beitrag) (?:ist|steht|nur|wird)\b.{0,40}\b(?:abonnent|"
        r"kostenpflichtig|plus|premium|registriert|exklusiv|abo)|\bkostenpflichtige[rns]? (?:artikel|inhalt)"
    ),
    (
        r"\bartikel (?:jetzt )?freischalten\b|\b(?:sie haben|noch \d+ %|lesen sie) .{0,30}(?:freie?n? artikel|"
        r"dieses artikels)"
    ),
    # French
    (
        r"\bréservée?s? (?:à|aux|pour) (?:\w+ ){0,2}(?:abonn|membres)|\b(?:exclusi\w+|accès) (?:\w+ )?(?:aux|"
        r"pour les|nos) abonn|\bcontenu (?:premium|abonn)"
    ),
    (
        r"\bpour (?:lire|accéder|continuer|poursuivre|découvrir)\b.{0,40}\b(?:suite|article|lecture|lire)|"
        r"\b(?:poursuivre|poursuivez|continuez) (?:votre |la )?lecture|\bil (?:vous )?reste\b.{0,30}\b(?:article|"
        r"lire|découvrir)|\blire la suite\b.{0,30}\babonn"
    ),
    # Spanish, Portuguese, Italian, Romanian
    (
        r"\b(?:exclusiv[oa]s?|contenido|s[óo]lo|reservad[oa]|disponible) (?:\w+ )?para (?:\w+ )?(?:suscriptor|"
        r"usuarios registrados|socios|abonad)|\b(?:para|sigue|seguir|continuar) (?:seguir |continuar )?leyendo\b|"
        r"\bpara leer (?:el|este|la|esta) (?:art|nota|noticia|contenido)"
    ),
    (
        r"\b(?:exclusiv[oa]|conteúdo|só|apenas|restrit[oa]) (?:\w+ )?(?:para|a|de) (?:\w+ )?assinantes|"
        r"\bpara (?:continuar|seguir) (?:a ler|lendo|a leitura)|\bpara ler (?:o|este|a|esta) (?:artigo|conteúdo|"
        r"notícia|matéria)"
    ),
    (
        r"\b(?:riservat[oai]|esclusiv[oai]|solo|contenuto) (?:\w+ )?(?:a|agli|per|per gli|ai) (?:\w+ )?(?:abbonat|"
        r"utenti registrati|iscritti)|\bper (?:continuare|proseguire) (?:a leggere|la lettura)|"
        r"\bper leggere (?:l.articolo|questo|tutto|il)|\b(?:numai|doar|exclusiv) pentru abonați|"
        r"\bcontinuarea (?:acestui|articolului)"
    ),
    # Dutch
    (
        r"\b(?:alleen|exclusief|uitsluitend) voor (?:\w+ )?(?:abonnee|leden|lezers)|\b(?:verder|door|"
        r"het hele artikel|dit artikel|volledige artikel) ?lezen\b.{0,40}(?:abon|account|gratis|\?|inlog)|"
        r"\bom (?:dit artikel|verder)\b.{0,20}\blezen|\blees (?:verder|dit artikel)\b.{0,20}\b(?:met|voor|gratis)"
    ),
    # Nordic
    (
        r"\b(?:endast|bara|enbart) för (?:\w+ )?(?:prenumerant|abonnent|medlem|inloggade)|\b(?:kun|bare) (?:for|"
        r"til) (?:\w+ )?(?:abonnent|medlem|plus)|\b(?:för att|for at|for å) (?:kunna |kunne )?(?:läsa|fortsätta|"
        r"læse|lese)\b|\b(?:läs|læs|les) (?:hela|hele|vidare|videre)\b.{0,40}(?:abonn|prenum|kr)"
    ),
    (
        r"\b(?:vain|avoinna) tilaajille|\btilaajille\b|\blue koko (?:juttu|artikkeli)|\bjatka lukemista|"
        r"\bjutun lukeminen (?:vaatii|edellyttää)"
    ),
    # Polish, Czech, Slovak, Hungarian
    (
        r"\b(?:tylko|wyłącznie|dostępn[yae]|artykuł|treść) (?:\w+ )?dla (?:\w+ )?(?:prenumerator|subskrybent|"
        r"zalogowan|abonent|czytelników)|\bpozostało (?:\w+ )?\d+ ?%|\b(?:aby|żeby|by) (?:czytać|przeczytać|"
        r"kontynuować)|\bczytaj (?:dalej|całość)\b.{0,40}(?:prenumer|subskryp|dostęp|kup)"
    ),
    (
        r"\b(?:jen|pouze|len|iba|určen) pro (?:\w+ )?předplatitel|\b(?:len|iba|pre) (?:pre )?(?:\w+ )?"
        r"predplatiteľ|\b(?:celý|zbytek) (?:článek|článku)\b|\bpre (?:pokračovanie|čítanie)|\b(?:csak|kizárólag)"
        r" (?:\w+ )?előfizető|\b(?:a cikk|cikk folytatása|tovább olvas)\b.{0,40}előfizet"
    ),
    # Turkish, Cyrillic, Greek
    (
        r"\b(?:sadece|yalnızca|özel) (?:\w+ )?(?:abone|üye)|\b(?:aboneler|üyeler)e özel|\bdevamını (?:okumak|"
        r"görmek)|(?:μόνο|αποκλειστικά) για συνδρομητ|για να (?:διαβάσετε|συνεχίσετε)"
    ),
    (
        r"(?:только|доступн\w+|лишь|эксклюзивно) (?:\w+ )?(?:для |по )(?:\w+ )?(?:подписчик|подписк|зарегистр)|"
        r"чтобы (?:\w+ )?(?:читать|прочитать|продолжить|дочитать)|(?:лише|тільки|доступн\w+) (?:\w+ )?для (?:\w+ )?"
        r"(?:передплатник|підписник)|щоб (?:читати|прочитати|продовжити)|само за абонати"
    ),
    # Japanese, Chinese, Korean, Arabic
    (
        r"(?:この|本)(?:記事|コンテンツ).{0,12}(?:有料|会員|登録|購読)|会員(?:限定|専用)(?:記事|コンテンツ|の)|"
        r"会員登録(?:すると|で|が必要)|続き(?:を|は).{0,12}(?:読む|お読み|ご覧|会員|有料|ログイン)|残り.{0,6}文字|"
        r"有料(?:会員|記事|プラン)|全文(?:を|は).{0,10}(?:読む|会員|ご覧)"
    ),
    (
        r"(?:訂閱|订阅|付費|付费|會員|会员|登入|登录|註冊|注册|登陆)(?:用户|用戶)?(?:後|后|以|即可|才能|方可|可)"
        r".{0,6}(?:閱讀|阅读|繼續|继续|解鎖|解锁|查看|觀看)|(?:僅|仅|只)(?:限|供|对|對).{0,6}(?:會員|会员|訂戶|"
        r"订阅|付费|付費)|(?:閱讀|阅读)全文.{0,10}(?:訂閱|订阅|登入|登录|付費|付费)|剩余.{0,6}(?:%|内容|字)"
    ),
    (
        r"(?:유료|구독자?|프리미엄|회원) ?(?:회원|전용|기사|콘텐츠)|(?:로그인|구독|가입) ?(?:후|하시면|하고|하면)"
        r".{0,12}(?:이용|읽|보실|볼 수)|للمشتركين|(?:للاستمرار|لمتابعة|لإكمال) (?:في )?(?:القراءة|قراءة)|"
        r"למנויים (?:בלבד)?|להמשך קריאה"
    ),
)
"""What a paywall says of the article that it stands before."""


OFFER = Cues(
    (
        r"\balready (?:an? )?(?:\w+ )?(?:subscriber|subscribed|registered|member|account)\b|\b(?:have|create)"
        r" an? (?:\w+ )?(?:account|subscription)\b"
    ),
    (
        r"\b(?:log|sign) ?in\b|\bsubscribe (?:now|today)\b|\bstart (?:your )?(?:free )?(?:trial|subscription)\b|"
        r"\bregister (?:now|for free)\b"
    ),
    (
        r"\b(?:view|see|choose|select|compare) (?:your |our |a |the )?(?:\w+ )?(?:plan|offers?|subscription|"
        r"options)s?\b|\bcancel (?:at )?any ?time\b|\bbilled (?:monthly|annually|every)\b|\bunlimited (?:\w+ )?"
        r"access\b"
    ),
    (
        r"[$€£]\s?\d+(?:[.,]\d\d)?.{0,20}\b(?:week|month|year|weeks|months|monat|woche|mois|an|mes|semana|mese|"
        r"maand|week|miesiąc)\b|\b\d+[.,]?\d* ?(?:€|euro|zł|kr|kč|ft|円|元).{0,20}(?:monat|woche|mois|mes|mese|"
        r"maand|mies|mån|måned|kk|měsíc|mesiac|月|週)"
    ),
    (
        r"\b(?:bereits|schon|sie sind) (?:\w+ ){0,2}(?:abonnent|registriert|kunde|mitglied|abo)|\bjetzt (?:\w+ )?"
        r"(?:abonnieren|testen|registrieren|anmelden|bestellen|einloggen)|\b(?:probe|digital|monats|plus).?abo\b|"
        r"\b(?:monatlich|jederzeit) kündbar|\bkostenlos (?:registrieren|testen|weiterlesen)|\banmelden\b"
    ),
    (
        r"\b(?:déjà|vous êtes) (?:\w+ )?(?:abonné|inscrit|client)|\babonne[zr].vous|\bje m.abonne|\bs.abonner\b|"
        r"\bsans engagement\b|\b(?:identifiez|connectez|inscrivez).vous|\bse connecter\b|\bessai gratuit\b|"
        r"\bdécouvrir (?:nos|les) offres"
    ),
    (
        r"\bsuscr[íi]b(?:ete|ase|irme|irse|a)\b|\b(?:ya|si) (?:\w+ )?(?:eres|es|soy|tienes)\b.{0,20}suscri|"
        r"\binicia(?:r)? sesión|\bregístrate|\b(?:assine|assinar)\b|\bj[áa] é (?:\w+ )?assinante|"
        r"\bfa[çz]a (?:\w+ )?login|\bprueba gratis"
    ),
    (
        r"\babbonati\b|\b(?:sei|hai) già (?:\w+ )?(?:abbonat|registrat|iscritt|un abbonamento)|\b(?:accedi|"
        r"registrati|attiva)\b|\babonează.te|\b(?:ești|ai) deja"
    ),
    (
        r"\b(?:al|bent u|ben je) (?:\w+ )?(?:abonnee|lid|een account|een abonnement)|\b(?:neem|kies|bekijk|start)"
        r" .{0,20}(?:abonnement|proef)|\b(?:inloggen|log in|aanmelden)\b|\bmaandelijks opzegbaar|"
        r"\bword (?:abonnee|lid)"
    ),
    (
        r"\b(?:masz|jesteś|posiadasz) już\b|\b(?:wykup|kup|wybierz|odbierz) (?:\w+ )?(?:dostęp|subskrypc|"
        r"prenumerat)|\bzaloguj\b|\b(?:přihlaste|přihlásit|prihláste|předplaťte|předplatit|predplaťte) se?\b|"
        r"\b(?:předplatné|predplatné)\b|\bmáte (?:již|už)\b|\belőfizet(?:ek|és|ői)\b|\bbejelentkez"
    ),
    (
        r"\b(?:är|er) du (?:\w+ )?(?:prenumerant|abonnent|kund|medlem)|\bbli (?:\w+ )?(?:prenumerant|abonnent|"
        r"medlem)|\bbliv (?:\w+ )?(?:abonnent|medlem)|\blog(?:ga)? (?:in|ind|inn)\b|\b(?:oletko|oletko jo|olen)"
        r" (?:jo )?tilaaja|\b(?:tilaa|kirjaudu)\b|\bkøb (?:abonnement|adgang)|\bprova gratis"
    ),
    (
        r"\babone ol|\bgiriş yap|\büye (?:ol|girişi)|оформ\w+ подписк|подпи(?:шитесь|саться)|войти|"
        r"уже есть подписка|оформ\w+ передплат|увійти|γίνετε συνδρομητ|σύνδεση|συνδεθείτε"
    ),
    (
        r"ログイン|(?:無料|新規)?会員登録|(?:申し込む|お申し込み|購読する)|(?:初月|月額).{0,8}(?:無料|円)|(?:立即|"
        r"马上|馬上)?(?:訂閱|订阅|登入|登录|註冊|注册)|(?:已是|已經是|已经是)(?:會員|会员|訂戶|订户)|로그인|"
        r"구독(?:하기|신청)|회원가입|اشترك|تسجيل الدخول|התחבר|הרשמה"
    ),
)
"""What stands beside such a sentence: log in, subscribe, so much a month. Many whole articles have it, too."""


PAYWALL_TITLE = Cues(
    r"(?:subscribe|register|sign up|log ?in|sign ?in)(?: now)?(?: to (?:read|continue|access|view).*)?",
    r"subscri(?:ption|ber)s?(?: required| only| offers?| exclusive| content)?",
    r"(?:members?|premium)(?: only| content| area)?",
    r"account (?:login|required)",
    r"(?:jetzt )?(?:anmelden|registrieren|einloggen|abonnieren)",
    r"anmeldung",
    r"abo(?:nnement)?(?:s)?(?:.?shop)?",
    r"s.abonner",
    r"abonnez.vous.*",
    r"(?:se )?connexion",
    r"se connecter",
    r"réservé aux abonnés",
    r"iniciar sesión",
    r"suscr[íi]bete.*",
    r"suscripción",
    r"acceso",
    r"identificación",
    r"accedi",
    r"abbonati.*",
    r"abbonamenti",
    r"login",
    r"entrar",
    r"assine(?: já| agora| o .{0,30})?",
    r"inloggen",
    r"abonneren",
    r"aanmelden",
    r"zaloguj(?: się)?",
    r"logowanie",
    r"prenumerata",
    r"subskrypcja",
    r"logga in",
    r"log ind",
    r"logg inn",
    r"kirjaudu(?: sisään)?",
    r"přihlášení",
    r"předplatné",
    r"prihlásenie",
    r"bejelentkezés",
    r"giriş(?: yap)?",
    r"вход",
    r"войти",
    r"авторизация",
    r"подписка",
    r"увійти",
    r"ログイン",
    r"会員登録",
    r"(?:有料)?会員限定(?:記事)?",
    r"登入",
    r"登录",
    r"註冊",
    r"注册",
    r"訂閱",
    r"订阅",
    r"로그인",
    r"회원가입",
    r"تسجيل الدخول",
    whole=True,
)

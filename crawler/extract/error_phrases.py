"""What error pages and checks for robots of all countries say, and what they are called.

RE2 syntax, read without regard to case and accents. A "." stands where apostrophes and spaces are of many kinds.
"""

from __future__ import annotations

from crawler.extract.cues import Cues

ERROR = Cues(
    # nothing is here
    (
        r"\b(?:page|article|story|content|url|link|address) (?:that )?you(?:.re| are| were|.ve| have)?"
        r" (?:requested|looking|looked|trying|tried|followed|entered)\b"
    ),
    (
        r"\b(?:has|have|may|might|could) (?:have )?been (?:moved|removed|deleted|renamed|archived)\b|"
        r"\bno longer (?:exists?|available|here)\b"
    ),
    (
        r"\b(?:page|article|story|file|url) (?:was |is |could |can|cannot |does )?(?:not|n.t|no longer) ?(?:be )?"
        r"(?:found|exist|available)\b|\bpage not found\b|\berror 404\b"
    ),
    r"\b(?:back|return|go|head) (?:to )?(?:the |our )?(?:home ?page|front ?page|home)\b",
    # go away
    r"\b(?:enable|turn on|requires?|without|activate) (?:javascript|js)\b|\bjavascript (?:is|and cookies)\b",
    (
        r"\byou(?:.re| are)? (?:are )?(?:a human|not a (?:robot|bot))\b|\bare you a (?:human|robot)\b|"
        r"\bnot a (?:robot|bot)\b|\bverify(?:ing)? you are human\b|\b(?:solve|complete|completing) the (?:captcha|"
        r"challenge|security check)\b"
    ),
    r"\bray id\b|\bcloudflare\b|\bperimeterx\b|\bdatadome\b|\bincapsula\b|\bakamai\b|\bddos.guard\b|\bimperva\b",
    (
        r"\bunusual (?:traffic|activity)\b|\bautomated (?:requests|access|traffic)\b|\b(?:suspicious|malicious)"
        r" (?:activity|traffic|requests)\b"
    ),
    (
        r"\b(?:don.?t|do not) have (?:permission|access) to\b|\baccess (?:to this (?:page|site|resource) )?(?:is |"
        r"has been )?(?:denied|forbidden|blocked)\b"
    ),
    (
        r"\bchecking (?:your browser|if the site)\b|\breview the security of your connection\b|"
        r"\bsecurity service to protect\b|\bsecurity solution\b"
    ),
    r"\b(?:reference|incident|error|support|event|request) ?(?:#|id|code|number|no\.?)\b",
    (
        r"\b(?:try|come|check) (?:again|back) (?:later|soon|in a few)\b|\bunavailable (?:in your|due to|for) \w+|"
        r"\btemporarily (?:unavailable|overloaded|down)\b|\bsomething went wrong\b|\berror (?:has )?occurred\b"
    ),
    r"\b(?:nginx|apache|openresty|varnish|microsoft-iis|litespeed)\b|\bguru meditation\b",
    # the same, elsewhere
    (
        r"\b(?:gesuchte|aufgerufene|angeforderte|gewünschte)n? (?:seite|artikel|inhalt)|\bseite (?:wurde )?"
        r"(?:leider )?nicht (?:mehr )?(?:gefunden|existiert)|\bzur startseite\b|\b(?:verschoben|gelöscht)"
        r" (?:oder|wurde)|\badresse (?:richtig|korrekt|falsch)"
    ),
    (
        r"\bpage que vous (?:re)?cherch|\bpage (?:demandée|recherchée)|\bpage (?:est )?introuvable|"
        r"\bn.existe (?:pas|plus)|\b(?:retour|revenir|retourner) (?:à|sur) (?:la page d.)?(?:l.)?accueil|"
        r"\bété (?:déplacée?|supprimée?)"
    ),
    (
        r"\bpágina que (?:busca|está|estás|intenta|buscas|solicita|procura|você|tentou)|\bpágina (?:no|não)"
        r" (?:existe|se encuentra|encontrada|foi encontrada)|\b(?:ir|volver|regresar|voltar) (?:a|al|à|para)"
        r" (?:la |a )?(?:portada|inicio|página|home|início)|\bsido (?:movida|eliminada|borrada|removida)"
    ),
    (
        r"\bpagina (?:che (?:stai|hai|cerchi)|richiesta|cercata)|\bpagina non (?:esiste|trovata|è)|\b(?:torna|vai)"
        r" (?:alla|in) home|\bstata (?:spostata|rimossa|cancellata|eliminata)"
    ),
    (
        r"\bpagina (?:die (?:je|u)|bestaat niet)|\b(?:opgevraagde|gezochte) pagina|\bnaar de (?:homepage|"
        r"voorpagina|startpagina)|\b(?:verplaatst|verwijderd)\b.{0,20}\bpagina|\bpagina\b.{0,40}\b(?:verplaatst|"
        r"verwijderd)"
    ),
    (
        r"\bstrona,? (?:której|o podanym)|\bstrona nie istnieje|\bstron[aęy] (?:głównej|główną|główna)|"
        r"\bstránk[auy],? (?:kterou|ktorú|nebyla|neexistuje)|\b(?:hlavní|titulní|hlavnú) (?:stránk|stran)|"
        r"\bkeresett oldal|\bfőoldal"
    ),
    (
        r"\bsidan du (?:söker|letar)|\bsiden du (?:leter|leder|prøver)|\b(?:till|til) (?:start|for)sid|"
        r"\bhakemaasi sivua|\betusivulle"
    ),
    (
        r"запрашиваем\w+ страниц|страниц\w+ (?:не найден|удален|не существует|была)|на главную|вернуться|"
        r"сторінк\w+ не (?:знайден|існує)|на головну|aradığınız sayfa|ana sayfaya|η σελίδα που|αρχική σελίδα"
    ),
    (
        r"お探しの(?:ページ|記事)|(?:ページ|記事)(?:は|が)(?:見つかり|存在し|削除)|指定された(?:ページ|url)|"
        r"トップページ(?:へ|に)|移動(?:または|もしくは|、)|掲載(?:期間|を)?(?:が)?終了"
    ),
    (
        r"您(?:要|所|正在)?(?:访问|查看|找|尋找|瀏覽)的|(?:页面|頁面|網頁|网页)(?:不存在|已|可能|找不到)|"
        r"返回(?:首页|首頁|主页)|요청하신 페이지|페이지를 찾을 수|메인(?:으로| 페이지)|홈으로|الصفحة (?:التي|غير)|"
        r"العودة إلى|הדף ש|לעמוד הבית"
    ),
)
"""What an error page or a check for robots says in its text."""


ERROR_TITLE = Cues(
    # numbers that say it alone
    (
        r"(?:http |oops )?(?:status |error |fehler |erreur |error(?:e)? |erro |fout |błąd |chyba |hata |fel |"
        r"feil |fejl |virhe |hiba |eroare |ошибка |помилка |エラー ?|错误 ?|錯誤 ?|오류 ?)?(?:code |no |nr )?"
        r"(?:40[0-9]|41[08]|42[129]|451|50[0-4]|52[0-7])(?: (?:errors?|fehler|erreur|fout|błąd|chyba|hata|ошибка|"
        r"エラー|错误|錯誤|오류))?"
    ),
    (
        r"(?:error |http )?(?:40[0-9]|41[08]|42[129]|451|50[0-4]|52[0-7]) (?:page |file |url |seite |página |"
        r"pagina |pagine? )?(?:not|nicht|no|non|niet|ikke|inte|forbidden|unauthori[sz]ed|gone|bad|internal|"
        r"service|gateway|too|introuvable|access|unavailable|error|denied)(?: .{0,16})?"
    ),
    # English
    (
        r"(?:sorry |oops |uh oh |whoops )?(?:we are sorry )?(?:the |this |that |your |requested )*(?:page|article|"
        r"story|content|document|file|url|link|resource)(?: you.{0,40})? ?(?:was |is |has |could |can |cannot |"
        r"can t |couldn t |could )?(?:be )?(?:not|no longer|not be|been moved|been removed|been deleted|"
        r"unavailable)(?: be)?(?: found| available| exist| here)?"
    ),
    (
        r"(?:sorry |oops )?(?:the |this |that )?page (?:doesn.?t|does not|no longer|cannot|can.?t) (?:exists?|"
        r"be found|be displayed).*"
    ),
    r"not found",
    r".{0,20}page not found",
    r"nothing (?:was )?found(?: here)?",
    r"gone",
    (
        r"(?:sorry |oops )?we (?:can.?t|couldn.?t|cannot|could not|are unable to) (?:seem to )?find (?:that|the|"
        r"this|your) .{0,30}"
    ),
    r"forbidden",
    r"unauthori[sz]ed",
    r"access (?:to this page (?:has been |is )?|is |has been |temporarily )?(?:denied|restricted|blocked|forbidden)",
    r"(?:your )?(?:request|access|ip)(?: has been| is| was)? (?:blocked|rejected|denied)",
    r"you (?:have been|are) blocked",
    r"sorry you have been blocked",
    r"permission denied",
    r"blocked",
    r"(?:service |site |website |page |temporarily )+(?:temporarily )?(?:unavailable|down|offline)",
    r"(?:internal )?server error",
    r"bad (?:gateway|request)",
    r"gateway time ?.?out",
    r"too many requests",
    r"(?:request|connection) timed out",
    (
        r"(?:site |website |scheduled |planned |under |down for |we are |currently |undergoing )*(?:scheduled )?"
        r"maintenance(?: mode)?"
    ),
    r"coming soon",
    r"under construction",
    r"account suspended",
    r"just a moment.*",
    r"one moment(?: please)?",
    r"please wait.*",
    r"attention required.*",
    r"checking (?:your|if).*",
    r"ddos.guard",
    r"ddos protection.*",
    r"security (?:check|verification|challenge).*",
    r"(?:please )?(?:verify|confirm)(?:ing)?(?: that)? you.{0,4} (?:are )?(?:a )?(?:not a )?(?:human|robot).*",
    r"are you (?:a )?(?:robot|human).*",
    r"bot (?:verification|check|detection|manager).*",
    r"human verification",
    r"robot check",
    r"(?:re)?captcha.*",
    r"pardon our interruption.*",
    r"client challenge",
    r"challenge validation",
    r"vercel security checkpoint",
    r"making sure you.?re not a bot.*",
    r"(?:please )?(?:enable|turn on|activate|you need to enable) (?:javascript|js|cookies).*",
    r"javascript (?:is )?(?:required|disabled|not enabled|not available).*",
    r"(?:your |this )?browser (?:is )?(?:not supported|unsupported|out ?dated|check).*",
    r"unsupported browser.*",
    r"(?:oops |sorry )?(?:something|that) (?:went|has gone|didn.?t) (?:wrong|work).*",
    r"an? (?:unexpected |unknown )?error (?:has |have )?(?:occurred|happened).*",
    r"(?:application |unexpected |system |unknown |technical |general )?error(?: page)?",
    r"oops",
    r"technical difficulties",
    r"not available in your (?:region|country).*",
    r"unavailable (?:due to|for) legal reasons.*",
    r"unavailable in your .*",
    # German
    (
        r"(?:die |diese |angeforderte |gesuchte )*(?:seite|inhalt|artikel|beitrag|datei) (?:wurde |ist |konnte )?"
        r"(?:leider )?nicht (?:mehr )?(?:gefunden|verfügbar|vorhanden|existiert|erreichbar|aufgerufen).*"
    ),
    r"(?:diese )?seite (?:existiert|gibt es) (?:leider )?nicht.*",
    r"nicht gefunden",
    r"zugriff (?:verweigert|gesperrt|nicht erlaubt)",
    r"fehler(?:seite)?",
    r"wartungs(?:arbeiten|modus)",
    r"(?:nur )?einen moment.*",
    r"sicherheits(?:überprüfung|abfrage|check)",
    r"ein fehler ist aufgetreten.*",
    r"hoppla.{0,30}",
    # French
    (
        r"(?:cette |la )?(?:page|contenu|article)(?: est| demandée?| que vous.{0,30})? ?(?:introuvable|"
        r"non trouvée?|inexistante?|indisponible|supprimée?|n.existe (?:pas|plus)).*"
    ),
    r"accès (?:refusé|interdit|bloqué|restreint)",
    r"erreur",
    r"un instant.*",
    r"vérification (?:de sécurité|en cours).*",
    r"(?:oups|oops|désolé).{0,40}",
    r"site en maintenance",
    r"une erreur (?:est survenue|s.est produite).*",
    # Spanish, Portuguese, Italian, Romanian
    (
        r"(?:la |esta )?(?:página|noticia|contenido|artículo) (?:no|que) (?:ha sido |fue |se ha |se |está )?"
        r"(?:encontrad[ao]|encuentra|encontró|existe|disponible|busca).*"
    ),
    r"no (?:se )?(?:encontrad[oa]|encontramos|encontró|ha encontrado|pudimos encontrar).{0,40}",
    r"acceso (?:denegado|restringido|prohibido)",
    r"un momento.*",
    r"error",
    r"(?:sitio )?en mantenimiento",
    r"ha ocurrido un error.*",
    (
        r"(?:a |esta |essa )?(?:página|conteúdo|matéria|notícia) (?:não|que) (?:foi |está )?(?:encontrad[ao]|"
        r"existe|disponível|localizada|procura).*"
    ),
    r"não encontrad[oa]",
    r"acesso (?:negado|proibido|bloqueado)",
    r"erro",
    r"(?:só )?um momento.*",
    r"em manutenção",
    r"(?:ops|ocorreu um erro).{0,40}",
    (
        r"(?:la |questa )?(?:pagina|articolo|contenuto|risorsa) (?:non|che) (?:è |esiste |è stat[ao] )?"
        r"(?:trovat[ao]|esiste|disponibile|cerc).*"
    ),
    r"(?:pagina )?non trovat[ao]",
    r"pagina inesistente",
    r"accesso (?:negato|vietato|bloccato)",
    r"errore",
    r"un (?:momento|attimo).*",
    r"(?:ops|oops).{0,40}",
    r"sito in manutenzione",
    r"pagin[aă] (?:nu (?:a fost găsită|există|este).*|inexistentă)",
    r"acces (?:interzis|refuzat)",
    # Dutch, Nordic
    (
        r"(?:de |deze )?pagina (?:is |kan |werd )?(?:helaas )?(?:niet (?:meer )?(?:gevonden|beschikbaar|worden|"
        r"bestaat)|bestaat niet).*"
    ),
    r"niet gevonden",
    r"toegang (?:geweigerd|ontzegd)",
    r"fout(?:melding)?",
    r"een (?:ogenblik|moment).*",
    r"(?:oeps|helaas).{0,40}",
    r"beveiligingscontrole",
    r"onderhoud",
    r"(?:sidan|artikeln) (?:kunde inte|hittades inte|finns inte|kan inte).*",
    r"siden (?:ble|blev|kan|kunne|finnes|findes|eksisterer) (?:ikke).*",
    r"(?:fant|fandt|vi (?:kan|kunne|kunde)) (?:ikke|inte) (?:finde |finne |hitta )?(?:siden|sidan).*",
    r"(?:sivua|hakemaasi sivua|artikkelia) ei (?:löydy|löytynyt|ole).*",
    r"åtkomst nekad",
    r"ingen (?:tilgang|adgang)",
    r"adgang nægtet",
    r"pääsy (?:estetty|evätty)",
    r"fel",
    r"feil",
    r"fejl",
    r"virhe",
    r"(?:et|ett) (?:øjeblik|øyeblikk|ögonblick).*",
    r"hetkinen.*",
    # Polish, Czech, Slovak, Hungarian, the Balkans, Baltic
    r"(?:nie znaleziono|brak) (?:takiej )?(?:strony|artykułu|treści).*",
    r"(?:podana |ta )?strona (?:nie istnieje|nie została (?:od|z)naleziona|o podanym adresie|niedostępna).*",
    r"(?:brak|odmowa) dostępu",
    r"dostęp (?:zabroniony|zablokowany)",
    r"(?:wystąpił )?błąd.{0,20}",
    r"chwileczkę.*",
    r"przerwa techniczna",
    (
        r"str[áa]nk[auy](?: .{0,20})? ?(?:nenalezena|nebyla nalezena|neexistuje|nenájdená|sa nenašla|"
        r"nebola nájdená|nenalezeno|nie je).*"
    ),
    r"(?:přístup|prístup) (?:odepřen|zamítnut|zakázán|odmietnutý|zamietnutý)",
    r"chyba",
    r"okamžik.*",
    r"(?:az |a )?(?:keresett )?oldal nem (?:található|létezik|elérhető).*",
    r"hozzáférés megtagadva",
    r"hiba",
    r"stranica (?:nije (?:pronađena|dostupna)|ne postoji).*",
    r"(?:stran|strani) (?:ne obstaja|ni (?:bila najdena|bilo mogoče najti)).*",
    r"pristup (?:odbijen|zabranjen)",
    r"lehte ei leitud.*",
    r"lapa nav atrasta.*",
    r"puslapis (?:nerastas|neegzistuoja).*",
    # Greek, Turkish, Cyrillic
    r"η σελίδα (?:που .{0,20})?δεν (?:βρέθηκε|υπάρχει).*",
    r"δεν βρέθηκε.{0,30}",
    r"σφάλμα.{0,10}",
    r"(?:aradığınız )?sayfa (?:bulunamadı|mevcut değil).*",
    r"erişim (?:engellendi|reddedildi|yasak).*",
    r"hata",
    r"bir dakika.*",
    r"lütfen bekleyin.*",
    r"(?:запрашиваемая |данная |такая )?страница (?:не (?:найдена|существует)|удалена|недоступна).*",
    r"(?:такой )?страницы не (?:существует|найдено).*",
    r"сторінк[ау] (?:не (?:знайдено|існує)|видалено).*",
    r"доступ (?:запрещ[её]н|ограничен|заборонено|обмежено|закрыт).*",
    r"ошибка",
    r"помилка",
    r"страницата не (?:е намерена|съществува|беше).*",
    r"подождите.*",
    r"один момент.*",
    r"проверка (?:браузера|безопасности).*",
    r"технические работы.*",
    # Japanese, Chinese, Korean, Arabic, Hebrew, Vietnamese, Indonesian
    (
        r".{0,20}(?:ページ|記事|コンテンツ)(?:が|は|を)?(?:見つかりません|存在しません|ありません|削除され|"
        r"表示できません|見つけられ).*"
    ),
    r"アクセス(?:が|は)?(?:拒否|制限|できません).*",
    r"しばらくお待ちください.*",
    r"ただいまメンテナンス.*",
    r"メンテナンス中.*",
    r"エラー.{0,10}",
    r".{0,16}(?:頁面|页面|網頁|网页|文章|內容|内容)(?:已)?(?:不存在|未找到|找不到|無法|无法|被删除|被刪除|删除).*",
    r"(?:找不到|未找到|没有找到)(?:您|该|該|此)?.{0,10}(?:頁面|页面|網頁|网页|頁|页|文章)",
    r"(?:访问|存取|訪問)(?:被)?(?:拒绝|拒絕|受限|禁止).*",
    r"(?:安全)?(?:验证|驗證)(?:中心)?",
    r"请稍候.*",
    r"請稍候.*",
    r"出错了.*",
    r"系统(?:错误|維護|维护).*",
    r".{0,20}페이지(?:를|가|는)? ?(?:찾을 수 없|존재하지 않|없습니다|표시할 수 없).*",
    r"접근(?:이|을)? ?(?:거부|차단|제한).*",
    r"잠시만.{0,12}",
    r"오류.{0,10}",
    r"(?:عذرا )?(?:الصفحة (?:غير موجودة|التي .*)|لم يتم العثور على .{0,20}|خطأ.{0,10})",
    r"(?:ה)?(?:דף|עמוד|כתבה) (?:לא נמצא|אינו קיים|לא קיים).*",
    r"không tìm thấy (?:trang|bài).*",
    r"halaman (?:tidak|yang anda).{0,30}",
    r"laman tidak ditemukan",
    whole=True,
)
"""Of a title's parts; folded: lower case, words with single spaces between them."""

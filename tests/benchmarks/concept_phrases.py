"""What somebody who watches a subject would type, each with an article that is about it and does not say it.

The articles were drawn at random from ../shared/data (`articles.jsonl.gz`, English pages of `pages/pages.jsonl`);
lists, reviews, gossip and reports of single games were passed over as being about nothing that is watched. The phrases
were written from the articles alone, before any score was known. None stands in its article in any inflection, nor do
its words stand close together there: what finds these articles has understood something.
"""

PHRASES = (
    ("blood sports ban", "bbc-politics-169"),
    ("American labour market", "bbc-business-416"),
    ("corporate governance reform", "bbc-business-111"),
    ("sports mega-events", "bbc-sport-374"),
    ("aerospace leadership change", "bbc-business-308"),
    ("central bank appointment", "bbc-business-423"),
    ("film stage adaptation", "bbc-entertainment-003"),
    ("political party funding", "bbc-politics-413"),
    ("human-machine interaction", "bbc-tech-121"),
    ("euro area growth", "agtest-6637"),
    ("department store takeover", "agtest-6066"),
    ("private spaceflight", "agtest-2902"),
    ("terrorist kidnapping", "agtest-4621"),
    ("UK military deployment", "agtest-4893"),
    ("enterprise storage hardware", "agtest-4793"),
    ("stock repurchase", "agtest-6296"),
    ("nuclear power investment", "agtest-1311"),
    ("state asset sales", "reuters-10637"),
    ("tech executive appointments", "reuters-15214"),
    ("Japan monetary easing", "reuters-7538"),
    ("CEO succession", "reuters-16408"),
    ("import restrictions legislation", "reuters-1201"),
    ("crop weather damage", "reuters-15043"),
    ("investor merger litigation", "reuters-14736"),
    ("Persian Gulf shipping threat", "reuters-17417"),
    ("Canadian energy takeover", "reuters-17983"),
    ("US Korea trade", "reuters-16935"),
    ("Japan market opening", "reuters-13253"),
    ("forex market outlook", "reuters-11734"),
    ("obesity treatment outcomes", "page-fundus-51a7b179c274"),
    ("US electoral battlegrounds", "page-fundus-4eaf0e39f62a"),
    ("UK legislative agenda", "page-fundus-a35a435da2a1"),
    ("NFL player discipline", "aeb-cf20a126001f"),
    ("teacher strike wave", "aeb-4152ee76f616"),
    ("school exam reform", "newspaper-ae846ec12383"),
    ("apartment block blaze", "fundus-0bd166d0ce9f"),
    ("forgotten fantasy authors", "aeb-fef22322b0e3"),
    ("motorcycle maintenance", "aeb-889bfcd00802"),
    ("state government finances", "fundus-498c332ace10"),
    ("US public finances", "readability-84c79892696a"),
)
"""Pairs of a phrase and the id of its article."""

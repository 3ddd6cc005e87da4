"""By which words an article is found, and what is looked for in what somebody typed. Pure.

Both sides are folded alike (`portal.kernel.searching`) and cut alike: Chinese into pairs of characters, the
rest into words. Rare words count most; the database weighs them when it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from portal.kernel.searching import search_key

QUERY_MAX = 200  # characters that are looked at
GRAMS_ASKED_MAX = 80
GRAMS_MAX = 6000  # of an article
IN_TITLE, IN_TEXT = 3, 1
_WORD_MAX = 24
_RUNS = re.compile(r"[\u3400-\u9fff]+|[0-9a-z]+")
_SAYS_NOTHING = frozenset(
    search_key(word)
    for word in (
        *(
            "如何",
            "怎么",
            "怎样",
            "什么",
            "可以",
            "是否",
            "我们",
            "你们",
            "请问",
            "一下",
            "这个",
            "那个",
            "没有",
        ),
        *("一个", "现在", "已经", "问题", "需要", "您好", "你好", "谢谢", "能不", "不能", "么办", "么样"),
        *("a", "an", "and", "are", "be", "by", "can", "do", "does", "for", "from", "has", "have", "how", "i"),
        *("in", "is", "it", "its", "me", "my", "no", "not", "of", "on", "or", "our", "please", "that", "the"),
        *("this", "to", "was", "we", "what", "when", "where", "which", "why", "with", "you", "your"),
    )
)


def grams(text: str) -> list[str]:
    """The pairs and words of a text, each once, in their order."""
    found: dict[str, None] = {}
    for run in _RUNS.findall(search_key(text)):
        for gram in _of_run(run):
            if gram not in _SAYS_NOTHING:
                found.setdefault(gram)
    return list(found)


def asked(q: str) -> list[str]:
    """What is looked for in what somebody typed; nothing for less than a pair or a word."""
    return grams(q[:QUERY_MAX])[:GRAMS_ASKED_MAX]


def weighed(titles: Iterable[str], texts: Iterable[str]) -> Mapping[str, int]:
    """The grams of an article: those of its titles and words count more than those of its text."""
    found = dict.fromkeys(grams(" ".join(titles)), IN_TITLE)
    for gram in grams(" ".join(texts)):
        if len(found) >= GRAMS_MAX:
            break
        found.setdefault(gram, IN_TEXT)
    return found


def _of_run(run: str) -> Iterable[str]:
    if run[0] < "\u3400":
        word = run[:_WORD_MAX]
        if len(word) == 1:
            return
        # One pump, two pumps.
        yield word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
    elif len(run) == 1:
        yield run
    else:
        yield from (run[place : place + 2] for place in range(len(run) - 1))

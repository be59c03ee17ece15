"""The phrases of a sentence: in every layer the longest ones, from left to right."""

from descan.extract.engine.clause import END, MEANING, START, Clause
from descan.extract.engine.compilation import compilable
from descan.extract.engine.rule_tables import NO_NODE, IntArray, PhraseTable


@compilable
def find_phrases(table: PhraseTable, clause: Clause) -> None:
    """Find the longest phrases of every layer that do not begin inside the one before them.

    They are written into `clause.phrases`, and the roles that they give into `clause.roles`.
    """
    clause.n_phrases[:] = 0
    for index in range(clause.start, clause.end):
        node = table.roots[clause.codes[index]]
        if node != NO_NODE:
            node = _last_node(table, clause.codes, index, node)
            for finding in range(table.findings[node], table.findings[node + 1]):
                _add_phrase(clause, index, table.meanings[finding])


@compilable
def _last_node(table: PhraseTable, codes: IntArray, index: int, node: int) -> int:
    last = node
    while node != NO_NODE:
        last = node
        index += 1
        first, end = table.steps[node], table.steps[node + 1]
        if first == end:
            break
        node = NO_NODE
        wanted = codes[index]
        while first < end:
            middle = (first + end) // 2
            if table.codes[middle] < wanted:
                first = middle + 1
            else:
                end = middle
        if first < table.steps[last + 1] and table.codes[first] == wanted:
            node = table.followers[first]
    return last


@compilable
def _add_phrase(clause: Clause, index: int, finding: IntArray) -> None:
    layer, length = finding[0], finding[1]
    place = clause.n_phrases[layer]
    if place and index < clause.phrases[layer, place - 1, END]:
        return
    clause.phrases[layer, place, START] = index
    clause.phrases[layer, place, END] = index + length
    clause.phrases[layer, place, MEANING] = finding[2]
    clause.n_phrases[layer] = place + 1
    clause.roles[index] |= finding[3]
    for inner in range(index + 1, index + length):
        clause.roles[inner] |= finding[4]

"""The lexicon compiled to token matching: words to codes, phrases of codes to what they can mean."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from descan.extract.engine import roles
from descan.extract.engine.codes import FIRST_WORD, Layer, Shape
from descan.extract.facs_codes import intensity_word, side_word, unit_word
from descan.extract.phrase_tree import IGNORED, Face, Meaning, PhraseTree
from descan.extract.tokenizers import Segmenter
from descan.extract.words import PUNCTUATION, SHAPE_ROLES, role_of_listed
from descan.lexicon import FormFile, Lexicon


class Vocabulary:
    """The words and phrases of one lexicon, as one segmenter cuts them.

    Attributes:
        codes: Forms of the lexicon's words to their codes.
        roles: Roles of each code, shapes first.
        phrases: Its phrases.
    """

    def __init__(self, segmenter: Segmenter, forms: FormFile) -> None:
        """Start with the shapes alone.

        Args:
            segmenter: Cuts the phrases.
            forms: What words are by their form.
        """
        self._segmenter = segmenter
        self._forms = forms
        self.codes: dict[str, int] = {}
        self._stretches: dict[str, list[list[int]]] = {}  # Many phrases have the same words.
        self.roles = [SHAPE_ROLES.get(shape, 0) for shape in Shape]
        self.phrases = PhraseTree()

    def code(self, word: str) -> int:
        """Return the code of a word, a new one where the lexicon has not used it yet."""
        if word in PUNCTUATION:
            return int(PUNCTUATION[word])
        code = self.codes.setdefault(word, len(self.roles))
        if code == len(self.roles):
            self.roles.append(role_of_listed(word, self._forms))
        return code

    def split(self, phrase: str) -> list[list[int]]:
        """Return the codes of a phrase, in each way in which it may be cut."""
        stretches = phrase.lower().split() if self._segmenter.cuts_at_spaces else [phrase.lower()]
        ways: list[list[int]] = [[]]
        for stretch in stretches:
            if stretch not in self._stretches:
                self._stretches[stretch] = [list(map(self.code, cut)) for cut in self._segmenter.cuts(stretch)]
            cuts = self._stretches[stretch]
            if len(cuts) == 1:
                for way in ways:
                    way += cuts[0]
            else:
                ways = [way + cut for way in ways for cut in cuts]
        return ways

    def add(self, layer: Layer, phrases: Iterable[str], meaning: Meaning) -> None:
        """Add a meaning of the phrases in a layer; several meanings of a face word are joined."""
        for codes in chain.from_iterable(map(self.split, phrases)):
            self.phrases.add(codes, int(layer), meaning)

    def add_role(self, words: Iterable[str], role: int, *, instead_of: int = 0) -> None:
        """Add a role to each word of the phrases.

        Args:
            words: The phrases.
            role: What their words do.
            instead_of: Roles that the words lose ("/" joins and is no longer a mark).
        """
        for codes in chain.from_iterable(map(self.split, words)):
            if len(codes) == 1 or self._segmenter.cuts_at_spaces:  # Elsewhere a part of a word has no role for it.
                for code in codes:
                    if code >= FIRST_WORD:
                        self.roles[code] = self.roles[code] & ~instead_of | role


def compile_vocabulary(lexicon: Lexicon, segmenter: Segmenter) -> Vocabulary:
    """Compile all that the extraction needs from a lexicon."""
    rules = lexicon.term_rules
    vocabulary = Vocabulary(segmenter, lexicon.forms)
    _add_face(vocabulary, lexicon)
    for entry in lexicon.terms.values():
        vocabulary.add(Layer.TERM, (entry.term, *entry.forms), entry.term)
    vocabulary.add(Layer.TERM, rules.ignore, "")
    vocabulary.add(Layer.WRITER, lexicon.asides.writer, "writer")
    vocabulary.add_role(lexicon.asides.writer_objects, roles.WRITER)
    vocabulary.add_role(lexicon.asides.comments, roles.COMMENT)
    vocabulary.add_role(lexicon.asides.measures, roles.MEASURE)
    vocabulary.add_role(lexicon.asides.grades, roles.GRADE)
    vocabulary.add(Layer.FEELING, rules.feelings, "any")
    vocabulary.add(Layer.FEELING, rules.feelings_by_ending, "ending")
    vocabulary.add_role(rules.not_feelings, roles.NOT_FEELING)
    _add_cues(vocabulary, lexicon)
    _add_units(vocabulary, lexicon)
    return vocabulary


def _add_face(vocabulary: Vocabulary, lexicon: Lexicon) -> None:
    file = lexicon.actions
    vocabulary.add(Layer.FACE, file.ignore, IGNORED)
    for part, words in file.parts.items():
        vocabulary.add(Layer.FACE, words, Face(part=part))
    for motion, words in file.motions.items():
        vocabulary.add(Layer.FACE, words, Face(motions=frozenset((motion,))))
    for action, entry in file.actions.items():
        vocabulary.add(Layer.FACE, entry.words, Face(action=action))
        vocabulary.add(Layer.FACE, entry.absent, Face(action=action, is_absent=True))


def _add_units(vocabulary: Vocabulary, lexicon: Lexicon) -> None:
    facs = lexicon.facs
    for number, action in facs.units.items():
        vocabulary.add(Layer.FACE, [unit_word(number)], Face(action=action))
    vocabulary.add(Layer.FACE, [unit_word(*facs.pair.units)], Face(action=facs.pair.action))
    vocabulary.add(Layer.DEGREE, map(intensity_word, facs.slight), "slight")
    vocabulary.add(Layer.DEGREE, map(intensity_word, facs.strong), "strong")
    vocabulary.add(Layer.SIDE, [side_word("L")], "left")
    vocabulary.add(Layer.SIDE, [side_word("R")], "right")


def _add_cues(vocabulary: Vocabulary, lexicon: Lexicon) -> None:
    cues = lexicon.assertions
    negation = cues.negation.model_dump()
    negation["verbal"] = cues.verbal_negations
    verbal = set(cues.verbal_negations)
    negation["forward"] = [cue for cue in cues.negation.forward if cue not in verbal]
    groups: Sequence[tuple[Layer, Mapping[str, list[str]]]] = (
        (Layer.NEGATION, negation),
        (Layer.HEDGE, cues.hedge.model_dump()),
        (Layer.STOP, {"stop": cues.stop}),
        (Layer.DEGREE, cues.degree.model_dump()),
        (Layer.SIDE, cues.side.model_dump()),
        (Layer.TARGET, cues.targets.model_dump()),
        (Layer.CONCLUSION, cues.conclusions.model_dump()),
        (
            Layer.ANSWER,
            {"absent": cues.absent_states, "present": cues.present_states, "unsure": cues.unsure_states},
        ),
        (Layer.REMARK, {"opening": cues.remark_openings, "habit": cues.remark_habits, "choices": cues.choices}),
    )
    for layer, phrases_of in groups:
        for meaning, phrases in phrases_of.items():
            vocabulary.add(layer, phrases, meaning)
    vocabulary.add_role(cues.fillers, roles.FILLER)
    vocabulary.add_role(cues.of, roles.OF)
    vocabulary.add_role(cues.descriptive, roles.INNER)
    vocabulary.add_role(cues.attitudes, roles.ATTITUDE)
    vocabulary.add_role(cues.prepositions, roles.PREPOSITION)
    vocabulary.add_role(cues.and_, roles.AND, instead_of=SHAPE_ROLES[Shape.MARK])
    vocabulary.add_role(cues.alternatives, roles.OR)
    vocabulary.add_role(cues.copulas, roles.COPULA)
    vocabulary.add_role(cues.cases, roles.CASE)
    vocabulary.add_role(cues.links, roles.LINK)
    vocabulary.add_role(cues.stop_after_comma, roles.STOP_AFTER_COMMA)
    vocabulary.add_role(cues.stop_after_noun, roles.STOP_AFTER_NOUN)
    vocabulary.add_role(cues.relatives, roles.RELATIVE)
    vocabulary.add_role(cues.presence, roles.PRESENCE)
    vocabulary.add_role(cues.consequences, roles.WOULD)
    vocabulary.add_role(cues.than, roles.THAN)
    vocabulary.add_role(cues.askers, roles.ASKS)
    vocabulary.add_role(cues.definite, roles.DEFINITE)
    answers = [state.split() for state in cues.absent_states + cues.present_states + cues.unsure_states]
    states = [words[0] for words in answers if len(words) == 1]
    vocabulary.add_role(states, roles.ANSWER)
    vocabulary.add_role((word for words in answers for word in words[1:]), roles.IN_ANSWER)
    vocabulary.add_role((state for state in states if not any(map(str.isalnum, state))), roles.TICK)

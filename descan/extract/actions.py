"""Facial actions: motions linked to the parts of the face that they are said of.

A motion belongs to the part that it directly follows ("brows furrowed", "eyes are slightly narrowed"), else to the
part that it leads up to ("furrowed brows", "a slight drop of the jaw", "purses her lips"), else to the last part
before it in the same clause ("the mouth, by contrast, stays firmly closed"). Parts and motions that are coordinated
share ("eyes and mouth are wide open", "raised eyebrows and eyelids").
"""

from typing import NamedTuple

from descan.extract.clause import GAP_ROLES, Clause, Match, head_noun
from descan.extract.roles import (
    ADVERB,
    AND,
    BREAK,
    COMMA,
    COPULA,
    FILLER,
    LABEL,
    MARK,
    OF,
    PART,
    PARTICIPLE,
    RELATIVE,
    STOP_AFTER_COMMA,
)
from descan.extract.vocabulary import IGNORED, Face
from descan.lexicon import Lexicon

MAX_LOOSE_GAP = 8
"""Tokens between a part and a motion that says something of it from afar."""

MAX_ASIDE_GAP = 14
"""Tokens of an aside between a part and its verb."""

_LOOKING = frozenset({"look", "gaze"})
_TRANSPARENT = frozenset({"look", "gaze", "face", "features", "muscles", "head"})
_ADJACENT = FILLER | ADVERB | MARK | COPULA
_LEADING = FILLER | ADVERB | MARK | OF
_CHAIN = FILLER | ADVERB | MARK | AND | COMMA


class FacePhrase(NamedTuple):
    """A phrase of the face layer."""

    start: int
    end: int
    face: Face


class _Link(NamedTuple):
    part: FacePhrase
    motion: FacePhrase
    action: str
    entry: str


class ActionGrammar:
    """Finds the actions of a clause; built once from a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Put the frames in the order of the file."""
        self._frames: dict[tuple[str, str], tuple[int, str]] = {}
        self._readings: dict[tuple[str, frozenset[str]], tuple[str, str] | None] = {}
        self._overrides = {action: frozenset(others) for action, others in lexicon.actions.overrides.items()}
        for rank, (action, entry) in enumerate(lexicon.actions.actions.items()):
            for part, motions in entry.frames.items():
                for motion in motions:
                    self._frames.setdefault((part, motion), (rank, action))

    def find(self, clause: Clause) -> list[Match]:
        """Give the actions: those of parts and motions, then those that words name outright."""
        has_part = has_motion = False
        for _, _, face in clause.face:
            has_part = has_part or face.part != ""
            has_motion = has_motion or bool(face.motions)
        matches: list[Match] = []
        linked: set[int] = set()
        if has_part and has_motion:
            phrases = [FacePhrase._make(phrase) for phrase in clause.face if phrase[2] is not IGNORED]
            links = self._link(clause, phrases)
            linked = {link.motion.start for link in links}
            matches = self._merge(clause, links)
        for start, end, face in clause.face:
            if face.action and start not in linked:
                matches.append(Match(start, end, True, face.action, "words", start, end, face.is_absent))
        return matches

    def _link(self, clause: Clause, phrases: list[FacePhrase]) -> list[_Link]:
        links: list[_Link] = []
        linked_left: dict[int, _Link] = {}
        leading: dict[int, FacePhrase] = {}
        for index in range(len(phrases) - 1, -1, -1):
            if phrases[index].face.motions:
                part = self._leads_to(clause, phrases, index, leading)
                if part is not None:
                    leading[index] = part
        for index, motion in enumerate(phrases):
            if not motion.face.motions:
                continue
            link = (
                self._adjacent(clause, phrases, index)
                or (self._frame(leading[index], motion) if index in leading else None)
                or self._chained(clause, phrases, index, linked_left)
                or self._loose(clause, phrases, index)
            )
            if link is not None:
                links.append(link)
                if link.part.start < motion.start:
                    linked_left[index] = link
        claimed = {part.start for part in (*leading.values(), *(link.part for link in links))}
        return links + self._share(clause, phrases, links, claimed)

    def _frame(self, part: FacePhrase, motion: FacePhrase) -> _Link | None:
        names = (part.face.part, motion.face.motions)
        if names not in self._readings:
            self._readings[names] = self._read(*names)
        reading = self._readings[names]
        return None if reading is None else _Link(part, motion, *reading)

    def _read(self, part: str, motions: frozenset[str]) -> tuple[str, str] | None:
        """Give the action that the first frame of the file makes of a part and a motion, and the frame."""
        frames = [(*self._frames[part, name], name) for name in motions if (part, name) in self._frames]
        if not frames:
            return None
        _, action, name = min(frames)
        return action, f"{part}+{name}"

    def _adjacent(self, clause: Clause, phrases: list[FacePhrase], index: int) -> _Link | None:
        motion = phrases[index]
        if _qualifies_another(clause, motion):
            return None
        reached = motion.start
        for before in range(index - 1, -1, -1):
            part = phrases[before]
            if not clause.is_gap(part.end, reached, _ADJACENT):
                return None
            reached = part.start
            if part.face.part:
                link = self._frame(part, motion)
                if link is not None or part.face.part not in _TRANSPARENT:
                    return link
        return None

    def _leads_to(
        self, clause: Clause, phrases: list[FacePhrase], index: int, leading: dict[int, FacePhrase]
    ) -> FacePhrase | None:
        if index + 1 == len(phrases):
            return None
        motion, following = phrases[index], phrases[index + 1]
        if following.face.part:
            if _is_degree_of_compound(clause, phrases, index) or not clause.is_gap(
                motion.end, following.start, _LEADING
            ):
                return None
            beyond = phrases[index + 2] if index + 2 < len(phrases) else None
            is_compound = beyond is not None and beyond.face.part and beyond.start == following.end
            if is_compound and following.face.part in _TRANSPARENT and self._frame(following, motion) is None:
                return beyond
            return following
        if following.face.motions and index + 1 in leading and clause.is_gap(motion.end, following.start, _CHAIN):
            return leading[index + 1]
        return None

    def _chained(
        self, clause: Clause, phrases: list[FacePhrase], index: int, linked_left: dict[int, _Link]
    ) -> _Link | None:
        before = linked_left.get(index - 1)
        motion = phrases[index]
        if before is None or not clause.is_gap(before.motion.end, motion.start, _CHAIN | OF):
            return None
        if _qualifies_another(clause, motion, is_coordinated=True):
            return None
        return self._frame(before.part, motion)

    def _loose(self, clause: Clause, phrases: list[FacePhrase], index: int) -> _Link | None:
        motion = phrases[index]
        if _qualifies_another(clause, motion, is_coordinated=True):
            return None
        for before in range(index - 1, -1, -1):
            part = phrases[before]
            if not part.face.part:
                continue
            if _is_parenthesis(clause, part.end, motion.start):
                return self._frame(part, motion)
            if motion.start - part.end > MAX_LOOSE_GAP or _is_parted(clause, part.end, motion.start):
                return None
            if part.face.part in _LOOKING and motion.face.motions == {"at"}:
                return None
            return self._frame(part, motion)
        return None

    def _share(self, clause: Clause, phrases: list[FacePhrase], links: list[_Link], claimed: set[int]) -> list[_Link]:
        linked = {link.part.start for link in links}
        parts = [phrase for phrase in phrases if phrase.face.part]
        shared: list[_Link] = []
        for index, part in enumerate(parts):
            if part.start in claimed:
                continue
            following = parts[index + 1] if index + 1 < len(parts) else None
            before = parts[index - 1] if index else None
            if following is not None and following.start in linked and _are_coordinated(clause, part, following):
                motions = [
                    link.motion for link in links if link.part is following and link.motion.start > following.start
                ]
            elif before is not None and before.start in linked and _are_coordinated(clause, before, part):
                motions = [link.motion for link in links if link.part is before and link.motion.start < before.start]
            else:
                continue
            shared += [link for motion in motions if (link := self._frame(part, motion)) is not None]
        return shared

    def _merge(self, clause: Clause, links: list[_Link]) -> list[Match]:
        """Join motions that say one thing together ("drawn tightly together") and drop what gives way."""
        links.sort(key=lambda link: (link.part.start, link.motion.start))
        matches: list[tuple[FacePhrase, FacePhrase, Match]] = []
        for link in links:
            start = min(link.part.start, link.motion.start)
            end = max(link.part.end, link.motion.end)
            match = Match(start, end, True, link.action, link.entry, link.motion.start, link.motion.end)
            if matches:
                part, motion, last = matches[-1]
                is_one = part is link.part and _is_one_phrase(clause, motion.end, link.motion.start)
                is_led = part is link.part and link.motion.end <= part.start
                if (is_one or is_led) and last.name == link.action:
                    joined = last._replace(
                        start=min(last.start, start), end=max(last.end, end), anchor_end=link.motion.end
                    )
                    matches[-1] = (part, link.motion, joined)
                    continue
                if is_one and link.action in self._overrides.get(last.name, ()):
                    matches[-1] = (part, link.motion, match)
                    continue
                if is_one and last.name in self._overrides.get(link.action, ()):
                    continue
            matches.append((link.part, link.motion, match))
        return [match for _, _, match in matches]


def _is_one_phrase(clause: Clause, start: int, end: int) -> bool:
    """Tell whether nothing between two motions parts them: no comma, no "and", no negation."""
    return not clause.has_role(start, end, AND | COMMA) and not any(
        start <= cue < end for cue, _, _ in clause.negations
    )


def _qualifies_another(clause: Clause, motion: FacePhrase, *, is_coordinated: bool = False) -> bool:
    """Tell whether the motion stands before a noun of its own ("a neutral yet tense expression")."""
    noun = head_noun(clause, motion.end)
    if noun is None:
        return False
    return is_coordinated or not clause.roles[noun[0]] & PART


def _is_degree_of_compound(clause: Clause, phrases: list[FacePhrase], index: int) -> bool:
    """Tell whether a motion only says how strong a compound is ("a soft mouth curve")."""
    if index + 2 >= len(phrases) or phrases[index + 2].start != phrases[index + 1].end:
        return False
    if not phrases[index + 2].face.motions:
        return False
    return any(start == phrases[index].start for start, _, _ in clause.degrees)


def _is_parted(clause: Clause, start: int, end: int) -> bool:
    roles = clause.roles
    for index in range(start, end):
        role = roles[index]
        if role & BREAK and not role & LABEL:
            return True
        if role & COMMA and index + 1 < clause.end and not _is_relative(clause, start, index + 1):
            following = roles[index + 1]
            if following & (STOP_AFTER_COMMA | PARTICIPLE) or following & AND:
                return True
        if role & PARTICIPLE:
            return True
    cues = (*clause.stops, *clause.hedges, *clause.feelings)
    return any(start <= cue < end and not _is_relative(clause, start, cue) for cue, _, _ in cues)


def _is_relative(clause: Clause, start: int, index: int) -> bool:
    """Tell whether a relative clause goes on about the part before `start` ("the brows, which are raised")."""
    return index <= start + 1 and bool(clause.roles[index] & RELATIVE)


def _is_parenthesis(clause: Clause, start: int, end: int) -> bool:
    """Tell whether only an aside between commas parts a motion from its part ("the nose, as far as I see, is ...")."""
    if end - start > MAX_ASIDE_GAP or not clause.roles[start] & COMMA:
        return False
    closing = next((index for index in range(end - 1, start, -1) if clause.roles[index] & COMMA), None)
    if closing is None or not clause.is_gap(closing + 1, end, _ADJACENT):
        return False
    return clause.has_role(closing + 1, end, COPULA) and not clause.has_role(start, end, BREAK)


def _are_coordinated(clause: Clause, first: FacePhrase, second: FacePhrase) -> bool:
    allowed = GAP_ROLES | AND | COMMA
    return clause.is_gap(first.end, second.start, allowed) and clause.has_role(first.end, second.start, AND)

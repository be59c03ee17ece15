"""Facial actions: motions linked to the parts of the face that they are said of.

A motion belongs to the part that it directly follows ("brows furrowed", "eyes are slightly narrowed"), else to the
part that it leads up to ("furrowed brows", "a slight drop of the jaw", "purses her lips"), else to the last part
before it in the same clause ("the mouth, by contrast, stays firmly closed"). Parts and motions that are coordinated
share ("eyes and mouth are wide open", "raised eyebrows and eyelids").
"""

from dataclasses import dataclass
from typing import NamedTuple

from descan.extract.clause import GAP_ROLES, Clause, FacePhrase, head_noun
from descan.extract.vocabulary import Layer, Role
from descan.lexicon import Lexicon

MAX_LOOSE_GAP = 8
"""Tokens between a part and a motion that says something of it from afar."""

MAX_ASIDE_GAP = 14
"""Tokens of an aside between a part and its verb."""

_LOOKING = frozenset({"look", "gaze"})
_TRANSPARENT = frozenset({"look", "gaze", "face", "features", "muscles", "head"})
_ADJACENT = Role.FILLER | Role.ADVERB | Role.MARK | Role.COPULA
_LEADING = Role.FILLER | Role.ADVERB | Role.MARK | Role.OF
_CHAIN = Role.FILLER | Role.ADVERB | Role.MARK | Role.AND | Role.COMMA


class ActionMatch(NamedTuple):
    """An action found: its tokens, its name, the entry that made it, and the tokens of its motion."""

    start: int
    end: int
    action: str
    entry: str
    motion_start: int
    motion_end: int
    is_absent: bool = False


@dataclass(slots=True)
class _Link:
    part: FacePhrase
    motion: FacePhrase
    action: str
    entry: str


class ActionGrammar:
    """Finds the actions of a clause; built once from a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Put the frames in the order of the file."""
        self._frames: dict[tuple[str, str], tuple[int, str]] = {}
        self._overrides = {action: frozenset(others) for action, others in lexicon.actions.overrides.items()}
        for rank, (action, entry) in enumerate(lexicon.actions.actions.items()):
            for part, motions in entry.frames.items():
                for motion in motions:
                    self._frames.setdefault((part, motion), (rank, action))

    def find(self, clause: Clause) -> list[ActionMatch]:
        """Give the actions in the order of their first word."""
        phrases = [phrase for phrase in clause.face if phrase.face.part or phrase.face.motions or phrase.face.action]
        if not phrases:
            return []
        links: list[_Link] = []
        if any(phrase.face.part for phrase in phrases) and any(phrase.face.motions for phrase in phrases):
            links = self._link(clause, phrases)
        linked = {link.motion for link in links}
        matches = self._merge(clause, links)
        matches += [
            ActionMatch(
                phrase.start, phrase.end, phrase.face.action, "words", phrase.start, phrase.end, phrase.face.is_absent
            )
            for phrase in phrases
            if phrase.face.action and phrase not in linked
        ]
        matches.sort()
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
        claimed = {*leading.values(), *(link.part for link in links)}
        return links + self._share(clause, phrases, links, claimed)

    def _frame(self, part: FacePhrase, motion: FacePhrase) -> _Link | None:
        frames = [
            (*self._frames[part.face.part, name], name)
            for name in motion.face.motions
            if (part.face.part, name) in self._frames
        ]
        if not frames:
            return None
        _, action, name = min(frames)
        return _Link(part, motion, action, f"{part.face.part}+{name}")

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
        if before is None or not clause.is_gap(before.motion.end, motion.start, _CHAIN | Role.OF):
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

    def _share(
        self, clause: Clause, phrases: list[FacePhrase], links: list[_Link], claimed: set[FacePhrase]
    ) -> list[_Link]:
        linked = {link.part for link in links}
        parts = [phrase for phrase in phrases if phrase.face.part]
        shared: list[_Link] = []
        for index, part in enumerate(parts):
            if part in claimed:
                continue
            following = parts[index + 1] if index + 1 < len(parts) else None
            before = parts[index - 1] if index else None
            if following is not None and following in linked and _are_coordinated(clause, part, following):
                motions = [
                    link.motion for link in links if link.part == following and link.motion.start > following.start
                ]
            elif before is not None and before in linked and _are_coordinated(clause, before, part):
                motions = [link.motion for link in links if link.part == before and link.motion.start < before.start]
            else:
                continue
            shared += [link for motion in motions if (link := self._frame(part, motion)) is not None]
        return shared

    def _merge(self, clause: Clause, links: list[_Link]) -> list[ActionMatch]:
        """Join motions that say one thing together ("drawn tightly together") and drop what gives way."""
        links.sort(key=lambda link: (link.part.start, link.motion.start))
        matches: list[tuple[FacePhrase, FacePhrase, ActionMatch]] = []
        for link in links:
            start = min(link.part.start, link.motion.start)
            end = max(link.part.end, link.motion.end)
            match = ActionMatch(start, end, link.action, link.entry, link.motion.start, link.motion.end)
            if matches:
                part, motion, last = matches[-1]
                is_one = part == link.part and not clause.has_role(motion.end, link.motion.start, Role.AND | Role.COMMA)
                is_led = part == link.part and link.motion.end <= part.start
                if (is_one or is_led) and last.action == link.action:
                    joined = last._replace(
                        start=min(last.start, start), end=max(last.end, end), motion_end=link.motion.end
                    )
                    matches[-1] = (part, link.motion, joined)
                    continue
                if is_one and link.action in self._overrides.get(last.action, ()):
                    matches[-1] = (part, link.motion, match)
                    continue
                if is_one and last.action in self._overrides.get(link.action, ()):
                    continue
            matches.append((link.part, link.motion, match))
        return [match for _, _, match in matches]


def _qualifies_another(clause: Clause, motion: FacePhrase, *, is_coordinated: bool = False) -> bool:
    """Tell whether the motion stands before a noun of its own ("a neutral yet tense expression")."""
    noun = head_noun(clause, motion.end)
    if noun is None:
        return False
    is_part = any(phrase.start == noun.start for phrase in clause.face if phrase.face.part)
    return not is_part or is_coordinated


def _is_degree_of_compound(clause: Clause, phrases: list[FacePhrase], index: int) -> bool:
    """Tell whether a motion only says how strong a compound is ("a soft mouth curve")."""
    if index + 2 >= len(phrases) or phrases[index + 2].start != phrases[index + 1].end:
        return False
    if not phrases[index + 2].face.motions:
        return False
    return any(phrase.start == phrases[index].start for phrase in clause.layers[Layer.DEGREE])


def _is_parted(clause: Clause, start: int, end: int) -> bool:
    roles = clause.roles
    for index in range(start, end):
        role = roles[index]
        if role & Role.BREAK and not role & Role.LABEL:
            return True
        if role & Role.COMMA and index + 1 < len(roles):
            following = roles[index + 1]
            if following & (Role.STOP_AFTER_COMMA | Role.PARTICIPLE) or following & Role.AND:
                return True
        if role & Role.PARTICIPLE:
            return True
    return any(
        start <= phrase.start < end
        for layer in (Layer.STOP, Layer.HEDGE, Layer.FEELING)
        for phrase in clause.layers[layer]
    )


def _is_parenthesis(clause: Clause, start: int, end: int) -> bool:
    """Tell whether only an aside between commas parts a motion from its part ("the nose, as far as I see, is ...")."""
    if end - start > MAX_ASIDE_GAP or not clause.roles[start] & Role.COMMA:
        return False
    closing = next((index for index in range(end - 1, start, -1) if clause.roles[index] & Role.COMMA), None)
    if closing is None or not clause.is_gap(closing + 1, end, _ADJACENT):
        return False
    return clause.has_role(closing + 1, end, Role.COPULA) and not clause.has_role(start, end, Role.BREAK)


def _are_coordinated(clause: Clause, first: FacePhrase, second: FacePhrase) -> bool:
    allowed = GAP_ROLES | Role.AND | Role.COMMA
    return clause.is_gap(first.end, second.start, allowed) and clause.has_role(first.end, second.start, Role.AND)

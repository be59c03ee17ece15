"""A project's own words, checked in all stages that read with them."""

from pathlib import Path
from typing import Any

from descan.categorize.evidence import merge_action_units
from descan.categorize.labels.cues import merge_label_cues
from descan.errors import InputError
from descan.lexicon import ProjectLexicon, merge_category_words, merge_lexicon, read_project_lexicon
from descan.records import DEFAULT_LANGUAGE

_ACTIONS_FILES = ("actions.yaml", "remove.yaml")
"""What is wrong in these may hide an action that `action_units.yaml` names."""


def project_problems(project: ProjectLexicon | None) -> list[InputError]:
    """Return everything in a project's own words that is not allowed, with file and line, in order."""
    if project is None:
        return []
    problems = [*merge_label_cues(project).problems, *merge_category_words(project).problems]
    for language in project.languages or (DEFAULT_LANGUAGE,):
        merged = merge_lexicon(language, project)
        problems += merged.problems
        if not any(str(problem.path).endswith(_ACTIONS_FILES) for problem in merged.problems):
            problems += merge_action_units(merged.content).problems
    distinct = {(str(problem.path), problem.line or 0, problem.problem): problem for problem in problems}
    return [problem for _, problem in sorted(distinct.items())]


def load_project(folder: Path | str | None, language: str) -> ProjectLexicon | None:
    """Read and check a folder with a project's own words; None is without any.

    Args:
        folder: The folder, a path or URL.
        language: The language of the files that are in no folder of a language.

    Raises:
        InputError: If anything in it is not allowed.
    """
    project = None if folder is None else read_project_lexicon(folder, language)
    for problem in project_problems(project):
        raise problem
    return project


def own_words_record(project: ProjectLexicon) -> dict[str, Any]:
    """Return what `run.json` says of a project's own words."""
    files = [f"{file.language}/{file.name}" if file.language else file.name for file in project.files]
    return {"folder": project.name, "sha256": project.digest, "files": files}

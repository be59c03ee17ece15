"""The same answers as logs of every format, to the letter of its schema, and as a plain corpus."""

import base64
import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl

DESCRIBE = "Describe the facial expression of the person in detail."
CLASSIFY = (
    "Which emotion does the face show? Answer with one word: Anger, Disgust, Fear, Happy, Neutral, Sad or Surprise."
)
PROMPTS = {"describe": DESCRIBE, "classify": CLASSIFY}
PARTED = {"describe": "describe the facial", "classify": "which emotion"}
MODEL = "org/model-7b"
PIXEL = base64.b64encode(b"a picture").decode()


class Said(NamedTuple):
    item: str
    mode: str
    text: str
    gold: str
    status: str = "ok"


DESCRIPTIONS = {
    "Happy": "Her lips curl into a broad smile and her cheeks are raised.",
    "Sad": "The corners of his mouth are turned down and his eyes are teary; he looks sad.",
    "Anger": "His brows are drawn together and lowered, and his jaw is clenched. He seems furious.",
    "Surprise": "Her mouth hangs open, her eyebrows are raised and her eyes are wide. She is astonished.",
    "Neutral": "The face is relaxed and shows no particular emotion.",
}
LABELS = ("Happy", "Neutral", "angry", "Surprised", "The person looks sad.", "boredom")


def make_answers(n: int = 30, *, with_statuses: bool = True) -> list[Said]:
    """Return a description and a label of every item; the last ones end in every way that an answer can."""
    golds = list(DESCRIPTIONS)
    said = []
    for i in range(n):
        gold = golds[i % len(golds)]
        shown = golds[(i + (i % 4 == 3)) % len(golds)]
        said += [
            Said(f"face-{i}", "describe", DESCRIPTIONS[shown], gold),
            Said(f"face-{i}", "classify", LABELS[i % len(LABELS)], gold),
        ]
    if with_statuses:
        said[0] = said[0]._replace(text="", status="failed")
        said[2] = said[2]._replace(status="truncated")
        said[5] = said[5]._replace(text="", status="blocked")
        said[6] = said[6]._replace(text="", status="empty")
        said[9] = said[9]._replace(text="I cannot help with that.", status="refused")
    return said


def without(said: Iterable[Said], *statuses: str) -> list[Said]:
    return [each for each in said if each.status not in statuses]


def write_plain(folder: Path, said: Sequence[Said], model: str = MODEL) -> Path:
    """Write a corpus by hand."""
    folder.mkdir()
    (folder / "corpus.toml").write_text("")
    golds = {each.item: each.gold for each in said}
    (folder / "items.csv").write_text("item_id,gold\n" + "".join(f"{item},{gold}\n" for item, gold in golds.items()))
    lines = [
        {"item_id": each.item, "model": model, "mode": each.mode, "text": each.text}
        | ({} if each.status in ("ok", "empty") else {"status": each.status})
        for each in said
    ]
    write_lines(folder / "answers.jsonl", lines)
    return folder


def write_lines(path: Path, lines: Iterable[Mapping[str, object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def write_lmms_eval(folder: Path, said: Sequence[Said]) -> list[Path]:
    """Two tasks; lmms-eval has no statuses."""
    paths = []
    for mode, prompt in PROMPTS.items():
        path = folder / "org__model-7b" / f"20260101_101010_samples_face_{mode}.jsonl"
        lines = [
            {
                "doc_id": int(each.item.removeprefix("face-")),
                "target": each.gold,
                "filtered_resps": each.text,
                "token_counts": [{"input_tokens": 300, "output_tokens": 40, "reasoning_tokens": 10}],
                "doc_hash": "a1b2",
                "input": prompt,
                "exact_match": 0.0,
            }
            for each in said
            if each.mode == mode
        ]
        paths.append(write_lines(path, lines))
    return paths


def vlmevalkit_rows(said: Sequence[Said], mode: str) -> list[dict[str, object]]:
    failed = "Failed to obtain answer via API. "
    return [
        {
            "index": int(each.item.removeprefix("face-")),
            "question": PROMPTS[mode],
            "answer": each.gold,
            "image_path": f"images/{each.item}.png",
            "prediction": failed if each.status == "failed" else each.text or None,
        }
        for each in said
        if each.mode == mode
    ]


def write_vlmevalkit(folder: Path, said: Sequence[Said], suffix: str) -> list[Path]:
    paths = []
    for mode in PROMPTS:
        path = folder / "model-7b" / "T20260101" / f"model-7b_Face{mode.title()}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = vlmevalkit_rows(said, mode)
        if suffix == ".json":
            path.write_text(
                json.dumps([{**row, "prediction": row["prediction"] or float("nan")} for row in rows], indent=4)
            )
        elif suffix == ".tsv":
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]), delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        else:
            book = openpyxl.Workbook()
            for row in (list(rows[0]), *(list(row.values()) for row in rows)):
                book.active.append(row)
            book.save(path)
        paths.append(path)
    return paths


def write_openai_batch(folder: Path, said: Sequence[Said], *, api: str = "chat") -> list[Path]:
    """Requests with pictures in base64, and results; the order of results is another one."""
    requests, results = [], []
    for each in said:
        custom_id = f"{each.item}--{each.mode}"
        url = f"data:image/png;base64,{PIXEL}"
        if api == "chat":
            content = [{"type": "text", "text": PROMPTS[each.mode]}, {"type": "image_url", "image_url": {"url": url}}]
            body: dict[str, object] = {"model": MODEL, "messages": [{"role": "user", "content": content}]}
        else:
            content = [{"type": "input_text", "text": PROMPTS[each.mode]}, {"type": "input_image", "image_url": url}]
            body = {"model": MODEL, "input": [{"role": "user", "content": content}]}
        body["metadata"] = {"face": each.item, "gold": each.gold}
        requests.append({"custom_id": custom_id, "method": "POST", "url": f"/v1/{api}", "body": body})
        results.append(openai_result(custom_id, each, api))
    return [
        write_lines(folder / "batch_output.jsonl", reversed(results)),
        write_lines(folder / "batch_input.jsonl", requests),
    ]


def openai_result(custom_id: str, each: Said, api: str) -> dict[str, object]:
    result: dict[str, object] = {"id": "batch_req_1", "custom_id": custom_id, "response": None, "error": None}
    if each.status == "failed":
        return result | {"error": {"code": "batch_expired", "message": "This request could not be executed."}}
    refusal = each.text if each.status == "refused" else None
    text = None if refusal else each.text
    if api == "chat":
        reason = {"truncated": "length", "blocked": "content_filter"}.get(each.status, "stop")
        body: dict[str, object] = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": f"{MODEL}-2026",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text, "refusal": refusal},
                    "finish_reason": reason,
                }
            ],
            "usage": {
                "prompt_tokens": 300,
                "completion_tokens": 40,
                "completion_tokens_details": {"reasoning_tokens": 10},
            },
        }
    else:
        reason = {"truncated": "max_output_tokens", "blocked": "content_filter"}.get(each.status, "")
        part = {"type": "refusal", "refusal": refusal} if refusal else {"type": "output_text", "text": text}
        body = {
            "id": "resp_1",
            "object": "response",
            "model": f"{MODEL}-2026",
            "status": "incomplete" if reason else "completed",
            "incomplete_details": {"reason": reason} if reason else None,
            "output": [
                {"type": "reasoning", "summary": []},
                {"type": "message", "role": "assistant", "content": [part]},
            ],
            "usage": {"input_tokens": 300, "output_tokens": 40, "output_tokens_details": {"reasoning_tokens": 10}},
        }
    return result | {"response": {"status_code": 200, "request_id": "req-1", "body": body}}


def write_gemini_batch(folder: Path, said: Sequence[Said]) -> list[Path]:
    """Requests and results of the Gemini API; a refusal is a text there."""
    requests, results = [], []
    for each in said:
        key = f"{each.item}--{each.mode}"
        parts = [{"text": PROMPTS[each.mode]}, {"inlineData": {"mimeType": "image/png", "data": PIXEL}}]
        requests.append({"key": key, "request": {"contents": [{"role": "user", "parts": parts}]}})
        results.append({"key": key, **gemini_response(each)})
    return [write_lines(folder / "results.jsonl", results), write_lines(folder / "requests.jsonl", requests)]


def write_vertex_batch(folder: Path, said: Sequence[Said]) -> list[Path]:
    """Results of Vertex AI, which hold their requests."""
    lines = []
    for each in said:
        place = {"fileData": {"fileUri": f"gs://bucket/{each.item}", "mimeType": "image/png"}}
        request = {"contents": [{"role": "user", "parts": [{"text": PROMPTS[each.mode]}, place]}]}
        result = gemini_response(each)
        status = "Internal error" if "error" in result else ""
        response = result.get("response", {})
        lines.append({"status": status, "processed_time": "2026-01-01", "request": request, "response": response})
    return [write_lines(folder / "predictions.jsonl", lines)]


def gemini_response(each: Said) -> dict[str, object]:
    if each.status == "failed":
        return {"error": {"code": 13, "message": "Internal error"}}
    usage = {"promptTokenCount": 300, "candidatesTokenCount": 30, "thoughtsTokenCount": 10}
    about = {"usageMetadata": usage, "modelVersion": MODEL, "responseId": "r1"}
    if each.status == "blocked":
        return {"response": {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **about}}
    parts = [{"text": "Let me look.", "thought": True}, {"text": each.text}]
    reason = "MAX_TOKENS" if each.status == "truncated" else "STOP"
    return {
        "response": {"candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": reason}], **about}
    }


def write_llava(folder: Path, said: Sequence[Said]) -> list[Path]:
    """One conversation of two turns an item."""
    by_item: dict[str, list[Said]] = {}
    for each in said:
        by_item.setdefault(each.item, []).append(each)
    entries = [
        {
            "id": item,
            "image": f"faces/{item}.png",
            "gold": turns[0].gold,
            "conversations": [
                turn
                for each in turns
                for turn in (
                    {"from": "human", "value": f"<image>\n{PROMPTS[each.mode]}"},
                    {"from": "gpt", "value": each.text},
                )
            ],
        }
        for item, turns in by_item.items()
    ]
    path = folder / "conversations.json"
    path.write_text(json.dumps(entries, indent=2))
    return [path]


def write_llava_answers(folder: Path, said: Sequence[Said]) -> list[Path]:
    """The answers file of LLaVA's evaluation."""
    lines = [
        {
            "question_id": each.item,
            "prompt": PROMPTS[each.mode],
            "text": each.text,
            "answer_id": "x",
            "model_id": MODEL,
            "metadata": {"gold": each.gold},
        }
        for each in said
    ]
    return [write_lines(folder / "answers-model.jsonl", lines)]


def write_sharegpt(folder: Path, said: Sequence[Said]) -> list[Path]:
    """Messages, as LLaMA-Factory reads and MER-Factory exports them."""
    entries = [
        {
            "messages": [
                {"role": "user", "content": f"<image>\n{PROMPTS[each.mode]}"},
                {"role": "gpt", "content": each.text},
            ],
            "images": [f"/data/{each.item}.png"],
            "gold": each.gold,
        }
        for each in said
    ]
    path = folder / "image_sharegpt_export.json"
    path.write_text(json.dumps(entries))
    return [path]


def label_studio_tasks(said: Sequence[Said]) -> list[dict[str, Any]]:
    by_item: dict[str, list[Said]] = {}
    for each in said:
        by_item.setdefault(each.item, []).append(each)
    return [
        {
            "id": n,
            "data": {"image": f"/data/upload/1/{item}.png", "gold": turns[0].gold, "clip": f"clip-{n // 2}"},
            "annotations": [
                {
                    "id": 100 + n,
                    "completed_by": 1,
                    "was_cancelled": False,
                    "created_at": "2026-01-01T00:00:00Z",
                    "updated_at": "2026-01-01T00:00:00Z",
                    "lead_time": 8.5,
                    "result": [
                        {
                            "id": f"r{n}{each.mode}",
                            "type": "textarea" if each.mode == "describe" else "choices",
                            "value": {"text": [each.text]} if each.mode == "describe" else {"choices": [each.text]},
                            "from_name": "description" if each.mode == "describe" else "emotion",
                            "to_name": "image",
                            "origin": "manual",
                        }
                        for each in turns
                    ],
                }
            ],
            "predictions": [],
            "meta": {},
        }
        for n, (item, turns) in enumerate(by_item.items())
    ]


def write_label_studio(folder: Path, said: Sequence[Said]) -> list[Path]:
    path = folder / "project-1.json"
    path.write_text(json.dumps(label_studio_tasks(said)))
    return [path]


def label_studio_records(said: Sequence[Said]) -> list[dict[str, object]]:
    """Return what JSON-MIN and CSV have: the data, the id, the results by their control, and who gave them when."""
    records = []
    for task in label_studio_tasks(said):
        (annotation,) = task["annotations"]
        given = {each["from_name"]: next(iter(each["value"].values()))[0] for each in annotation["result"]}
        records.append(
            task["data"]
            | {"id": task["id"]}
            | given
            | {"annotator": 1, "annotation_id": annotation["id"], "created_at": "2026-01-01T00:00:00Z"}
            | {"updated_at": "2026-01-01T00:00:00Z", "lead_time": 8.5}
        )
    return records


def write_label_studio_min(folder: Path, said: Sequence[Said]) -> list[Path]:
    path = folder / "project-min.json"
    path.write_text(json.dumps(label_studio_records(said), indent=2))
    return [path]


def write_label_studio_csv(folder: Path, said: Sequence[Said]) -> list[Path]:
    path = folder / "project.csv"
    records = label_studio_records(said)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(
            file, sorted({key for record in records for key in record}), quoting=csv.QUOTE_NONNUMERIC
        )
        writer.writeheader()
        writer.writerows(records)
    return [path]


def write_mer_factory(folder: Path, said: Sequence[Said]) -> list[Path]:
    """A folder a picture with its file; descriptions only."""
    for each in said:
        path = folder / "output" / each.item / f"{each.item}_image_analysis.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "source_path": f"/data/{each.item}.png",
            "au_text_description": "Lip corner puller (intensity: 1.2)",
            "llm_au_description": "The lip corners are pulled.",
            "image_visual_description": "A person in a room.",
            "final_summary": each.text,
            "ground_truth_label": each.gold,
        }
        path.write_text(json.dumps(content, indent=4))
    (folder / "output" / "error_logs").mkdir(exist_ok=True)
    (folder / "output" / "error_logs" / "x_error.log").write_text("Error processing video: x")
    return [folder / "output"]


Write = Callable[[Path, Sequence[Said]], list[Path]]

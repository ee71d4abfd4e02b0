#!/usr/bin/env python3
"""fields.py - the members of each format's chat requests, by its published
description (AIGW_SPECS): is each in fields.rows? With --write: make that file.

A row is a request without the member and with it, as patches of the format's
base request (formats.c). What is asked for is of this script's making.
"""
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
ROWS = os.path.join(here, "fields.rows")
ROOTS = (
    ("OC", "openai.openapi.yaml", "CreateChatCompletionRequest"),
    ("OR", "openai.openapi.yaml", "CreateResponse"),
    ("AN", "anthropic.openapi.json", "CreateMessageParams"),
    ("GE", "gemini-v1beta.openapi.json", "GenerateContentRequest"),
    ("MI", "mistral.openapi.yaml", "ChatCompletionRequest"),
    ("GR", "groq.openapi.yaml", "CreateChatCompletionRequest"),
    ("OL", "", ""),
)
DEPTH = 3               # objects below the request
PICTURE = "data:image/png;base64,iVBORw0KGgo="
# Where any text would not do.
TEXTS = {"url": "https://a.example/b.png", "image_url": PICTURE,
         "uri": "https://a.example/b.png", "fileUri": "https://a.example/b.png",
         "file_url": "https://a.example/b.pdf", "file_data":
         "data:application/pdf;base64,JVBERi0=", "media_type": "image/png",
         "mimeType": "image/png", "format": "wav", "data": "iVBORw0KGgo=",
         "arguments": "{}", "ttl": "5m", "model": "m", "role": "user",
         "thoughtSignature": "c2ln", "encrypted_content": "c2ln",
         "document_url": "https://a.example/b.pdf", "schema": "{}"}
NUMBERS = {"budget_tokens": 1024, "max_tokens": 50, "max_output_tokens": 50,
           "max_completion_tokens": 50, "maxOutputTokens": 50,
           "temperature": 0.5, "top_p": 0.5, "topP": 0.5, "n": 2,
           "candidateCount": 2, "top_logprobs": 2, "logprobs": 2}


def load(folder, name):
    with open(os.path.join(folder, name)) as f:
        if name.endswith(".json"):
            return json.load(f)
        import yaml
        return yaml.load(f, Loader=getattr(yaml, "CSafeLoader",
                                           yaml.SafeLoader))


# What says something else than is usual.
WORDS = {"reasoning_effort": "high", "effort": "high", "thinkingLevel": "HIGH",
         "tool_choice": "none", "function_call": "none"}
TOOL = {"OR": {"type": "function", "name": "x"},
        "AN": {"name": "x", "input_schema": {"type": "object"}},
        "GE": {"functionDeclarations": [{"name": "x"}]}}
FUNCTION = {"type": "function", "function": {"name": "x"}}
# What has to be there for the member to say something.
BESIDE = {"tool_choice": "tools", "parallel_tool_calls": "tools",
          "toolConfig": "tools", "function_call": "functions",
          "top_logprobs": "logprobs"}
# What no other format has, which is refused as a whole.
OPAQUE = ("web_", "bash_", "code_", "computer", "text_editor_", "memory_",
          "tool_search", "mcp", "shell", "local_shell", "file_search",
          "image_generation", "apply_patch", "additional_tools", "connector",
          "document_library", "server_tool", "advisor", "compaction",
          "item_reference", "container", "browser", "program")
# The gateway's own affair.
OURS = ("model", "stream")


def beside(form, key):
    k = BESIDE.get(key)
    if k is None:
        return {}
    return {k: [TOOL.get(form, FUNCTION)] if k == "tools" else
            [{"name": "x"}] if k == "functions" else True}


class Spec:
    def __init__(self, doc):
        self.schemas = doc["components"]["schemas"]

    def of(self, s):
        """Without references and allOf: merged, as far as objects go."""
        seen = 0
        while "$ref" in s and seen < 20:
            s = self.schemas[s["$ref"].rsplit("/", 1)[1]]
            seen += 1
        if "allOf" not in s:
            return s
        out = {k: v for k, v in s.items() if k != "allOf"}
        props, req = dict(s.get("properties", {})), list(s.get("required", []))
        for part in s["allOf"]:
            p = self.of(part)
            props.update(p.get("properties", {}))
            req += p.get("required", [])
            for k, v in p.items():
                if k not in ("properties", "required"):
                    out.setdefault(k, v)
        if props:
            out.update(properties=props, required=req, type="object")
        return out

    def variants(self, s):
        s = self.of(s)
        some = s.get("oneOf") or s.get("anyOf")
        if some and not s.get("properties"):
            return [v for x in some for v in self.variants(x)]
        if isinstance(s.get("type"), list):
            return [dict(s, type=t) for t in s["type"] if t != "null"]
        return [] if s.get("type") == "null" else [s]

    def kind(self, s):
        return s.get("type") or ("object" if "properties" in s else None)

    def sample(self, s, name, depth=0):
        """The least value."""
        v = self.variants(s)
        if not v or depth > 6:
            return "x"
        s = v[0]
        if "const" in s:
            return s["const"]
        if name in WORDS and WORDS[name] in s.get("enum", ()):
            return WORDS[name]
        if s.get("enum"):
            return s["enum"][-1 if name not in ("type", "role") else 0]
        kind = self.kind(s)
        if kind == "object":
            if not s.get("properties"):
                return {"5": 1} if name == "logit_bias" else {"a": "b"}
            return {k: self.sample(p, k, depth + 1)
                    for k, p in s["properties"].items()
                    if k in s.get("required", []) or k == "type"}
        if kind == "array":
            return [self.sample(s.get("items", {}), name, depth + 1)]
        if kind == "boolean":
            return name not in ("parallel_tool_calls", "parallelToolCalls")
        if kind in ("number", "integer"):
            return NUMBERS.get(name, 1)
        return TEXTS.get(name, "x") if kind == "string" else {}

    def tag(self, s):
        """What tells a variant from the others."""
        for k in ("type", "role"):
            p = self.of(s.get("properties", {}).get(k, {}))
            if "const" in p or p.get("enum"):
                return "(%s)" % (p.get("const") or p["enum"][0])
        return ""

    def walk(self, s, name, depth=0):
        """(path below, without, with) of s and all members below."""
        variants = self.variants(s)
        for s in variants:
            kind = self.kind(s)
            tag = self.tag(s) if len(variants) > 1 else ""
            yield tag, None, self.sample(s, name)
            if depth >= DEPTH or tag.strip("()").startswith(OPAQUE):
                continue
            if kind == "array":
                for p, a, b in self.walk(s.get("items", {}), name, depth):
                    if p:
                        yield "[]" + p, None if a is None else [a], [b]
            elif kind == "object":
                base = self.sample(s, name)
                props = dict(s.get("properties") or {})
                if props:       # one that nobody knows
                    props["zz_new"] = {"type": "integer"}
                for k, q in props.items():
                    less = {x: y for x, y in base.items() if x != k}
                    for p, a, b in self.walk(q, k, depth + 1):
                        if p == "" and k in base:
                            continue
                        yield (tag + "." + k + p,
                               less if a is None else dict(less, **{k: a}),
                               dict(less, **{k: b}))


CALL = {"id": "x", "type": "function",
        "function": {"name": "x", "arguments": "{}"}}
HI = {"role": "user", "content": "Hi"}


def talk(form, key, v):
    """The value where it may stand: a message among others."""
    if not isinstance(v, list) or len(v) != 1 or not isinstance(v[0], dict):
        return v
    m = v[0]
    if key == "messages" and form == "AN":
        blocks = m.get("content")
        kinds = [b.get("type") for b in blocks if isinstance(b, dict)] if \
            isinstance(blocks, list) else []
        if "tool_result" in kinds:
            return [HI, {"role": "assistant", "content": [
                {"type": "tool_use", "id": "x", "name": "x", "input": {}}]}, m]
        if "tool_use" in kinds:
            return [HI, dict(m, role="assistant"), {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "x"}]}]
        if kinds and kinds[0] not in ("text", "image", "document"):
            return [HI, dict(m, role="assistant"), HI]
        return [m]
    if key == "messages":
        role = m.get("role")
        if role == "tool":
            return [HI, {"role": "assistant", "tool_calls": [CALL]},
                    dict(m, tool_call_id="x")]
        if role == "function":
            return [HI, {"role": "assistant", "content": None, "function_call":
                         CALL["function"]}, m]
        if role == "assistant":
            m = dict({"content": "y"}, **m)
            calls = m.get("tool_calls") or []
            return [HI, m] + [{"role": "tool", "tool_call_id": c.get("id", "x"),
                               "content": "y"} for c in calls] or [HI]
        return [m] if role == "user" else [m, HI]
    if key == "input":
        kind = m.get("type")
        if kind in ("function_call", "custom_tool_call"):
            return [HI, m, {"type": kind + "_output", "call_id":
                            m.get("call_id", "x"), "output": "y"}]
        if kind in ("function_call_output", "custom_tool_call_output"):
            call = {"type": kind[:-7], "call_id": m.get("call_id", "x"),
                    "name": "x"}
            call["input" if "custom" in kind else "arguments"] = "{}"
            return [HI, call, m]
        return [HI, m]
    if key == "contents":
        hi = {"role": "user", "parts": [{"text": "Hi"}]}
        parts = m.get("parts") or [{}]
        if "functionCall" in parts[0]:
            return [hi, dict(m, role="model"), {"role": "user", "parts": [
                {"functionResponse": {"name": parts[0]["functionCall"].get(
                    "name", "x"), "response": {}}}]}]
        if "functionResponse" in parts[0]:
            return [hi, {"role": "model", "parts": [{"functionCall": {
                "name": parts[0]["functionResponse"].get("name", "x"),
                "args": {}}}]}, m]
        return [hi, m]
    return v


# Ollama publishes none.
NUMBER, TEXT, FLAG = ({"type": t} for t in ("number", "string", "boolean"))


def thing(**members):
    return {"type": "object", "properties": members}


def items(x):
    return {"type": "array", "items": x}


CALLED = thing(function=dict(thing(
    name=TEXT, arguments={"type": "object"}, index=NUMBER),
    required=["name", "arguments"]))
CALLED["required"] = ["function"]
OLLAMA = thing(
    model=TEXT, stream=FLAG, keep_alive=TEXT, think=FLAG, logprobs=FLAG,
    top_logprobs=NUMBER, format=TEXT, options=thing(**dict(
        {k: NUMBER for k in (
            "num_ctx num_keep num_predict num_batch num_gpu main_gpu "
            "num_thread repeat_last_n repeat_penalty temperature seed top_k "
            "top_p min_p typical_p presence_penalty frequency_penalty mirostat "
            "mirostat_tau mirostat_eta draft_num_predict").split()},
        stop=items(TEXT), penalize_newline=FLAG, numa=FLAG, low_vram=FLAG,
        vocab_only=FLAG, use_mmap=FLAG, use_mlock=FLAG)),
    tools=items(dict(thing(type=TEXT, function=dict(thing(
        name=TEXT, description=TEXT, parameters={"type": "object"}),
        required=["name"])), required=["function"])),
    messages=items({"anyOf": [
        dict(thing(role={"const": "user"}, content=TEXT, images=items(TEXT)),
             required=["role", "content"]),
        dict(thing(role={"const": "assistant"}, content=TEXT, thinking=TEXT,
                   tool_calls=items(CALLED)), required=["role", "content"]),
        dict(thing(role={"const": "tool"}, content=TEXT, tool_name=TEXT,
                   tool_call_id=TEXT), required=["role", "content"])]}))


def rows(folder):
    docs = {}
    for form, file, root in ROOTS:
        if file not in docs:
            docs[file] = Spec({"components": {"schemas": {"": OLLAMA}}}
                              if file == "" else load(folder, file))
        spec, seen = docs[file], set()
        for k, s in dict(spec.of(spec.schemas[root])["properties"], zz_new={
                "type": "integer"}).items():
            for p, a, b in spec.walk(s, k):
                path = k + p
                if path in seen:
                    continue
                seen.add(path)
                if k in OURS or b in ({}, [{}], None):
                    continue    # it says nothing
                base = beside(form, k)
                yield (form, path, base if a is None else
                       dict(base, **{k: talk(form, k, a)}),
                       dict(base, **{k: talk(form, k, b)}))


def dump(x):
    return json.dumps(x, separators=(",", ":"))


def check(folder):
    """Members that fields.rows does not have."""
    with open(ROWS) as f:
        have = {tuple(line.split("\t")[:2]) for line in f}
    return ["%s %s" % (form, path) for form, path, a, b in rows(folder)
            if (form, path) not in have]


def main():
    folder = os.environ.get("AIGW_SPECS", "")
    if "--write" in sys.argv:
        with open(ROWS, "w") as f:
            for form, path, a, b in rows(folder):
                f.write("%s\t%s\t%s\t%s\n" % (form, path, dump(a), dump(b)))
        return 0
    print("1..1")
    try:
        missing = check(folder) if folder else None
    except ImportError:
        missing = None
    if missing is None:
        print("ok 1 - fields # SKIP AIGW_SPECS names no folder, or no yaml")
        return 0
    for m in missing:
        print("# not in fields.rows: " + m)
    print("%sok 1 - fields" % ("not " if missing else ""))
    return 1 if missing else 0


sys.exit(main())

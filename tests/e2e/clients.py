"""clients.py - how the client of each format asks for a chat, and what it reads
in the answer."""
import json

HI = [{"role": "user", "content": "hi"}]
# Path and body of a request that says "hi".
CLIENTS = {
    "openai": ("/v1/chat/completions", {"messages": HI}),
    "responses": ("/v1/responses", {"input": "hi", "store": False}),
    "anthropic": ("/v1/messages", {"messages": HI, "max_tokens": 9}),
    "gemini": ("/v1beta/models/%s:%s", {"contents": [
        {"role": "user", "parts": [{"text": "hi"}]}]}),
    "mistral": ("/mistral/v1/chat/completions", {"messages": HI}),
    "groq": ("/groq/openai/v1/chat/completions", {"messages": HI}),
    "ollama": ("/ollama/api/chat", {"messages": HI}),
}


def request(client, model, stream, text="hi", **more):
    """Path and body."""
    path, body = CLIENTS[client]
    body = json.loads(json.dumps(body).replace('"hi"', json.dumps(text)))
    body.update(more)
    if client == "gemini":
        return path % (model, "streamGenerateContent?alt=sse" if stream
                       else "generateContent"), body
    return path, dict(body, model=model, stream=stream)


def events(client, body):
    """The objects of a stream; of one that was cut, those that came."""
    out = []
    for line in body.decode().split("\n"):
        if client != "ollama":
            if not line.startswith("data: ") or line == "data: [DONE]":
                continue
            line = line[6:]
        if line:
            out.append(json.loads(line))
    return out


def texts(client, o):
    """The pieces of text in an answer, or in one event."""
    if client == "responses":
        if "type" in o:
            return [o["delta"]] if o["type"] == \
                "response.output_text.delta" else []
        return [c["text"] for i in o["output"] if i["type"] == "message"
                for c in i["content"]]
    if client == "anthropic":
        if o["type"] == "content_block_delta":
            return [o["delta"].get("text", "")]
        return [c.get("text", "") for c in o.get("content", ())]
    if client == "gemini":
        return [p.get("text", "") for c in o.get("candidates", ())
                for p in c.get("content", {}).get("parts", ())]
    if client == "ollama":
        return [o.get("message", {}).get("content", "")]
    return [(c.get("message") or c["delta"]).get("content") or ""
            for c in o.get("choices", ())]


END = {"responses": b"response.completed", "anthropic": b"message_stop",
       "gemini": b'"finishReason"', "ollama": b'"done":true'}


def ended(client, body):
    """The stream says that it is whole."""
    return END.get(client, b"data: [DONE]") in body


def failed(client, o):
    """This last event of a stream tells of an error."""
    return "error" in o or o.get("object") == "error" or \
        o.get("type") == "response.failed"

"""The texts of the tests' teacher: judgments in every format, and what follows a cue."""
import struct
from hashlib import blake2b

LOOP = "wait, let me think about it again from the start. " * 60
FIELDS = ("think", "reasoning", "reasoning_content")


def number(*parts):
    """64 bits that depend on nothing but the parts."""
    text = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return struct.unpack("<Q", blake2b(text, digest_size=8).digest())[0]


def share(*parts):
    """The same as a fraction in [0, 1)."""
    return number(*parts) / 2**64


def letters(order):
    return {"right": "A", "wrong": "B"} if order == "chosen_first" else \
           {"right": "B", "wrong": "A"}


def score_of(call):
    """Hundredths: of the one answer, or (of A, of B); None when the call says none."""
    high = 600 + 50 * (number("high", call.body, call.index) % 8)
    low = 150 + 50 * (number("low", call.body, call.index) % 8)
    if call.verdict not in ("right", "wrong", "tie"):
        return None
    if call.order in ("chosen_only", "rejected_only"):
        good = (call.order == "chosen_only") == (call.verdict == "right")
        return 500 if call.verdict == "tie" else high if good else low
    if call.verdict == "tie":
        return high, high
    return (high, low) if letters(call.order)[call.verdict] == "A" else (low, high)


def points(score):
    """As people write it: 7, 7.5."""
    return f"{score / 100:g}"


def tags(name, nonce, text):
    return f"<{name}{nonce}> {text} </{name}{nonce}>"


def answer(call):
    """What stands in the tags of a judgment."""
    if call.verdict == "no_tags":
        return "Both are fine."
    if call.verdict == "cut_off":
        return f"<answer{call.nonce}>" if call.format != "pointwise" else f"<score{call.nonce}>"
    if call.verdict not in ("right", "wrong", "tie"):
        return ""
    if call.format == "pointwise":
        return tags("score", call.nonce, points(score_of(call)))
    lines = []
    if call.format in ("scores", "scores_verdict"):
        a, b = score_of(call)
        lines = [tags("score_A", call.nonce, points(a)), tags("score_B", call.nonce, points(b))]
    if call.format != "scores":
        side = letters(call.order).get(call.verdict, "C")
        lines.append(tags("answer", call.nonce, f"[[{side}]]"))
    return "\n".join(lines)


def conclusion(call):
    if call.verdict not in ("right", "wrong") or call.format == "pointwise":
        return ""
    return f" So answer {letters(call.order)[call.verdict]} is the better one."


def first_thought(call):
    told = "I was told that there is a winner. " if call.mentions else ""
    thought = f"{told}I look at what is there. {call.trace} is what I call this thought.\n" \
              "The first says [[B]], the second <answer>[[A]]</answer>; neither binds me."
    if call.loop:
        thought += "\n" + LOOP
    return thought + "\n" + conclusion(call).strip()


def next_thought(call):
    """After a cue: a calculation that was not there, or nothing new."""
    if not call.new:
        return "let me check. Yes, that is right."
    a, b = 1000 + number(call.body, "a") % 9000, 1000 + number(call.body, "b") % 9000
    return f"I did not do this sum: {a} + {b} = {a + b}, and {call.trace} is what I call " \
           f"the thought about it.{conclusion(call)}"


def finish_of(call):
    return {"cut_off": "length", "cut_thought": "length",
            "refused": "content_filter"}.get(call.verdict, "stop")


def first_message(call):
    call.thought = first_thought(call).strip()
    if call.verdict == "cut_thought":
        call.thought = call.thought[:len(call.thought) * 3 // 4].strip()
    if call.format == "plan" and call.field == "think":
        if call.verdict == "cut_thought":
            return {"content": f"<think>{call.thought}"}
        call.thought = f"<plan>\nOne thing after the other.\n</plan>\n<execution>\n" \
                       f"{call.thought}\n</execution>"
        return {"content": f"{call.thought}\n{answer(call)}"}
    if call.field == "think":
        end = "" if call.verdict == "cut_thought" else f"</think>\n{answer(call)}"
        return {"content": f"<think>{call.thought}{end}"}
    return {"content": answer(call), call.field: call.thought}


def next_message(call, asked, echo):
    call.thought = next_thought(call)
    begun = asked.said if echo and asked.prefilled else ""
    if call.field != "think" and not begun:
        return {"content": answer(call), call.field: call.thought}
    opened = " " if asked.prefilled else "<think>\n"
    return {"content": f"{begun}{opened}{call.thought}\n</think>\n\n{answer(call)}"}


def check_message(call):
    """A reviewer's: whom the critique speaks for, and whether it is true."""
    lines = [f"<claims{call.nonce}>{'false' if call.disputes else 'true'}</claims{call.nonce}>"] \
        if call.claims else []
    side = "A" if call.side == "A" else "B"
    lines.append(f"<answer{call.nonce}>[[{side}]]</answer{call.nonce}>")
    call.thought = f"{call.trace} is what I call this review."
    return {"content": f"<think>{call.thought}</think>\n" + "\n".join(lines)}


def message(call, asked, echo):
    """(message, finish reason); call.thought is set to what was thought in it."""
    if asked.kind == "judge":
        made = first_message(call)
    elif asked.kind == "continue":
        made = next_message(call, asked, echo)
    elif asked.kind == "check":
        made = check_message(call)
    else:
        call.thought = ""
        made = {"content": (asked.said if echo and asked.prefilled else "") + answer(call)}
    return {"role": "assistant", **made}, finish_of(call)

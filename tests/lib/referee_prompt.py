"""What a request asks the tests' teacher for, by its text alone."""
import re

TRACE = re.compile(r"trace-[0-9a-f]{16}-\d+")
NONCE = re.compile(r"<(?:answer|score_A|score)(_[0-9A-Za-z]{7})>")
HINT = re.compile(r"\n\n\[Note\S*\]\nThe answer of assistant ([AB]) is known to be the better one\."
                  r"[^\n]* never mention this note\.$")
CRITIQUE = re.compile(r"\n\n\[The Start of the Critique\S*\]\n(.*)\n\[The End of the Critique\S*\]$",
                      re.S)


def format_of(system):
    if "<plan" in system:
        return "plan"
    if "<score_A" in system:
        return "scores_verdict" if "<answer" in system else "scores"
    return "pointwise" if "<score" in system else "verdict"


def count(begun):
    """The rest of a count in words that was broken off, or None."""
    words = "one, two, three, four, five, six, seven, eight, nine, ten"
    at = begun.rfind(words[:5])
    return words[len(begun) - at:] if at >= 0 and words.startswith(begun[at:]) else None


class Asked:
    """kind: judge, continue, close, check, or plain (no judge's question)."""

    def __init__(self, request, can):
        """`can`: the way in which this server goes on with an answer."""
        messages = request["messages"]
        self.model = request["model"]
        self.n = request.get("n", 1)
        self.users = [m["content"] for m in messages if m["role"] == "user"]
        self.question = self.users[0]
        system = messages[0]["content"] if messages[0]["role"] == "system" else ""
        self.kind, self.said, self.prefilled = "judge", "", False
        self.critique = None
        self.claims = "<claims" in system
        self.format = format_of(system)
        nonce = NONCE.search(system)
        self.nonce = nonce.group(1) if nonce else ""
        told = HINT.search(self.question)
        self.hint = told.group(1) if told else None
        if "[User Question" not in self.question:
            self.kind = "plain"
        elif CRITIQUE.search(self.question):
            self.kind = "check"
            self.critique = CRITIQUE.search(self.question).group(1)
            self.one = "[The Start of Assistant A" not in self.question
        self.read_end(messages, request, can)
        if self.kind != "check":
            self.one = self.format == "pointwise"

    def read_end(self, messages, request, can):
        last = messages[-1]
        flag = request.get("continue_final_message", False)
        if flag:
            assert request["add_generation_prompt"] is False, "vLLM would refuse this"
        if last["role"] == "assistant":
            self.prefilled = (can == "trailing" or (can == "flag" and flag)
                              or (can == "prefix" and last.get("prefix") is True))
            self.said = last["content"]
            if self.prefilled and self.kind == "judge":
                self.kind = "close" if "</think>" in self.said else "continue"
        elif self.kind == "judge" and len(messages) > 2 and messages[-2]["role"] == "assistant":
            self.said = messages[-2]["content"]
            self.kind = "close" if "without any further thought" in last["content"] else "continue"

    @property
    def root(self):
        """What the teacher called the first thought of the rollout that this goes on with."""
        found = TRACE.search(self.critique if self.kind == "check" else self.said)
        return found.group() if found else None

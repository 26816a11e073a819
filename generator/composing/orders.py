"""Words of a source that no answer may carry: orders to a machine, what a window would load or run, traps for readers.

A pattern asks for two signs at once, an addressee or a deed of machines and what it is to do, since a source on
leukemia may well speak of models, responses and instructions. What is written to be read by no pattern is not found.
"""

import re
import unicodedata

# Letters of other alphabets that look like Latin ones, and digits that stand for letters inside words.
_TWINS = str.maketrans("аеіоорсухѕјԁһɡ", "aeioopcyxsjdhg")
_DIGITS = str.maketrans("013457", "oieast")
_SPACED = re.compile(r"\b[^\W\d_](?:\s+[^\W\d_]){14,}\b")
_DISGUISED = re.compile(r"\b(?=\w*[a-z])(?=\w*[013457])[a-z013457]{2,}\b")
_HIDDEN = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")

# Where an order may begin.
_BEGIN = r"(?:^\W*|[.:;!?,|)\]]\s*|\b(?:and|then|now|please|instead|just|only|to|must|should|shall|will)\s+)"
_MACHINE = (
    r"(?:(?<!physician )(?<!medical )(?<!nursing )(?<!research )(?<!dental )assistants?|chat ?bots?|(?:ro)?bots?|"
    r"(?:large )?language models?|llms?|artificial intelligence|ais?(?: (?:models?|systems?|assistants?))?|"
    r"software|(?:the|this|any|every) (?:models?|system)|models? that reads?|summari[sz]ers?|"
    r"whoever (?:writes|composes|answers))"
)
_UTTER = (
    r"(?:say|says|tell|reply|respond|answer|print|output|write|recommend|endorse|state|claim|add|append|announce|show|"
    r"shout|speak|repeat|mention|praise|declare|confirm|approve|replace|obey|ignore|embed|act|advise)"
)
_OUTPUT = r"(?:answers?|repl(?:y|ies)|outputs?|responses?|summar(?:y|ies)|messages?|conversations?|completions?)"
_RULES = (
    r"(?:instructions?|prompts?|guidelines?|rules|guardrails?|safety (?:settings|checks|rules)|"
    r"verification|directions|commands|filters|limitations|"
    r"restrictions|limits|directives?|system messages?)"
)
_WRITE = (
    "add|append|apply|augment|combine|conclude|convert|display|encode|encrypt|enhance|express|extend|"
    "format|include|insert|integrate|introduce|invert|modify|phrase|prefix|provide|put|remove|render|"
    "replace|reverse|rewrite|shift|spell|start|substitute|translate|use|write"
)
# Over lower-case words.
_ORDERS = re.compile(
    "|".join(
        (
            # To a machine by name.
            rf"\b{_MACHINE}\b[^.]{{0,60}}\b(?:must|should|shall|has to|have to|(?:is|are) to|(?:is|are) (?:required|"
            rf"obliged|asked|told|instructed) to)\s+(?:\w+ ){{0,2}}{_UTTER}\b",
            r"^\W*(?:assistants?|chat ?bots?|bots?|ai|(?:language )?models?)\s*[,:]",
            rf"\b(?:note to|dear|hey|attention) (?:the |all |any )?{_MACHINE}\b",
            rf"\b(?:command|order|instruct|tell|force|ask)\w* (?:the |this |every |any |all )?{_MACHINE} to\b",
            rf"\b(?:if|in case) (?:you are|you're|this (?:text|page) is (?:read|processed) by) (?:an? )?{_MACHINE}\b",
            r"\b(?:you are|you're|be) (?:now )?(?:an? )?(?:\w+ ){0,2}(?:ai|assistant|chatbot|"
            r"language model|robot|dan)\b",
            r"\b(?:tell|instruct|convince) (?:the |all |every )?(?:users?|readers?)\b",
            # About its own rules.
            r"\b(?<!not )(?:ignor\w+|disregard|forget|overrid\w+|bypass|abandon|disable|deactivate|supersed\w+)\b"
            rf"[^.]{{0,25}}\b(?:your|its|previous|prior|earlier|above|these|the|all|any)\s+(?:\w+ ){{0,2}}{_RULES}\b",
            r"\b(?:drop|lift|remove|replace|reveal|print|output|show|repeat|recite|translate|encode|summari[sz]e|obey|"
            r"instead of|rather than)\b[^.]{0,25}\b(?:your|its|hidden|system|earlier|above|all)\s+"
            rf"(?:\w+ ){{0,2}}{_RULES}\b",
            r"\b(?:system|hidden|initial|developer) (?:prompts?|instructions?|messages?)\b|\bjailbr\w+",
            r"\b(?:developer|god|debug|diagnostic|admin\w*|unrestricted|unfiltered|maintenance|dan)[ -]?mode\b",
            r"\byour (?:(?:own|previous|prior|original|new|current) instructions|(?:\w+ )?(?:prompts?|rules|directives|"
            r"programming|training data))\b|\byour (?:new|only|next|real) task\b|\bany other tasks?\b",
            rf"{_BEGIN}(?:ignore|disregard|forget|override)\s+(?:the (?:user|document|sources?|columns|question|text|"
            r"rest|above)|instructions|"
            r"your\b|everything|all (?:that|of the above)|(?:all |any )?(?:previous|prior|earlier))",
            r"\bsafety (?:checks|settings|mode|rules) (?:is|are) (?:switched |turned )?off\b",
            r"\b(?:new|next|following) instructions?\b[^.]{0,30}(?:priority|:)|\bbypass verification\b",
            r"\b(?:act without|you have) (?:any |no )?(?:limits|restrictions|rules|limitations)\b",
            # About what it is to write.
            rf"\b(?:your|its|the|this|each|every|any|all|final|next) (?:final |next |whole )?{_OUTPUT} (?:must|shall|"
            r"should|has to|have to|is to|are to) (?:\w+ )?(?:consist|contain|include|open|begin|start|close|end|say|"
            r"state|read|mention)\b",
            rf"\b(?:open|begin|start|close|end|finish|preface) (?:it|(?:your|its|the|this|each|every|any|all) (?:\w+ )?"
            rf"{_OUTPUT}) with\b",
            rf"\b{_OUTPUT} of this (?:page|text|document) to\b|\b(?:correct|right|only) (?:output|reply) is\b",
            r"\b(?:required|included|embedded|shown|added|placed) (?:in|to|at the (?:top|end) of) (?:the |your |every |"
            r"each |all )?(?:final )?(?:answers?|repl(?:y|ies)|outputs?|conversation)\b",
            rf"{_BEGIN}(?:add|append|insert|include|embed|write|print|put)\b[^.]{{0,50}}\b(?:to|in|at the (?:top|end) "
            r"of) (?:the|your|every|each|all|its) (?:final )?(?:answers?|repl(?:y|ies)|output|responses?)\b",
            rf"{_BEGIN}(?:append|add|print|output)\b[^.]{{0,20}}\b(?:to|in|before|after) (?:each|every) (?:\w+)\b",
            rf"{_BEGIN}(?:can you |could you )?(?:{_WRITE})\b[^.]{{0,60}}\byour (?:\w+ )?(?:answers?|repl(?:y|ies)|"
            r"responses?|outputs?|messages?)\b|\byour (?:answer|reply|output)\b|\bin your response\b(?! to)",
            rf"{_BEGIN}(?:reply|respond|answer)\s+(?:only|solely|exclusively|nothing|to all|every)\b",
            r"(?:^\W*|[.:;!?|]\s*|\b(?:please|can you|could you) )(?:reply|respond|answer)\s+(?:with|using|in)\b|"
            r"\band (?:reply|answer) with\b",
            rf"{_BEGIN}(?:print|say|write|output|repeat|shout|type|translate)\s+(?:this \w+ as )?[\"“‘]",
            rf"{_BEGIN}(?:output|print|render)\s+(?:the (?:following|word|phrase|text|sentence|system)|your|only|"
            r"nothing)\b",
            rf"{_BEGIN}(?:repeat|recite|quote|copy|translate)\s+(?:the (?:text|words|line|lines|sentence|above)|"
            r"everything|word for word|after me)\b|\bword for word\b[^.]{0,40}\b(?:above|instruction|beginning)\b",
            r"(?:^\W*|\b(?:and|then|please|must|shall) )say (?:that|only|nothing|the words?)\b",
            r"\bfrom (?:now|here|this (?:point|moment)) (?:on|forward)(?:wards?)?\b[^.]{0,20}\b(?:you|your|speak|say|"
            r"answer|forget|act|reply|the (?:rules|assistant))\b",
            rf"{_BEGIN}(?:speak|act|answer|respond|reply) as (?:if you|an? (?:ai|evil|un\w+|pirate|robot|doctor)|"
            r"dan)\b|\b(?:pretend|imagine) (?:that )?you (?:are|have)\b|\b(?:play|playing) a game\b[^.]{0,60}"
            rf"\b(?:you|write|say)\b|\bspeak as \w+ (?:from|until)\b",
            # Encoded.
            r"\b(?:decod\w+|decrypt\w*|revers\w+|backwards)\b[^.]{0,40}\b(?:and|then) (?:obey|follow|run|execute)\w*\b",
            r"\b(?:is|are) the next (?:action|tool call|command)\b",
            # In other languages: "ignore" before or after "instructions", or "answer only".
            r"\b(?:ignor(?!e\b|ed\b|ing\b|ant\b)\w+|vergiss|vergessen|missachte\w*|olvid\w+|oubli\w+|dimentica\w*|esque[cç]\w+|negeer|vergeet|"
            r"zignoruj)\b.{0,50}\b(?:anweisung\w*|regeln|befehl\w*|instruc\w+|instruções|"
            r"reglas|consignes|règles|istruzioni|regole|regras|instructies|regels|opdracht\w*|instrukcj\w*|"
            r"system-?prompt)\b",
            r"\b(?:antworte|responde|répond\w*|rispondi|scrivi|antwoord)\b.{0,20}\b(?:nur|solo|solamente|somente|"
            r"apenas|uniquement|seulement|soltanto|alleen)\b|\bsystem-?prompt\b",
        )
    ),
)
_TURNS = re.compile(
    r"<\|[^|<>\n]{1,40}\|>|\[/?INST\]|<</?SYS>>|</?s>|</?\w*(?:start|end)_of_(?:turn|text)\w*>|"
    r"</?(?:tool_call|tool|system|assistant|user|instructions?|function_calls?|prompt|think)\b[^<>]*>|"
    r"\"(?:role|tool|tool_name|function|arguments|tool_calls)\"\s*:|"
    r"^[#\[<]\W*system\b|^\W*(?:system (?:message|prompt)|assistant|developer|human|user)(?: from[^:]{0,40})?\s*:|"
    r"\b(?:user|assistant|human): .{0,120}\b(?:user|assistant|human): |"
    r"\bfacts?: ?\[\d+\]|\b(?:trusted|verified) facts?:|\breworded:",
    re.IGNORECASE,
)
_CODED = re.compile(r"\b(?=(?:[A-Za-z\d+]*?[a-z\d][A-Z]){4})(?=[A-Za-z+]*\d)[A-Za-z\d+/]{32,}={0,2}")
_READ = re.compile("LATIN|GREEK|MICRO|OHM|ANGSTROM|MODIFIER|SUPERSCRIPT|SUBSCRIPT|ORDINAL|DOUBLE-STRUCK|MATH")
_ACTIVE = re.compile(
    r"<\s*/?\s*(?:script|img|image|iframe|frame|a|svg|math|object|embed|link|style|form|input|button|textarea|meta|base|"
    r"video|audio|source|body|html|head|div|span|template|marquee|details)\b[^<>]{0,500}(?:>|$)|<!--|"
    r"(?:&lt;|&#0*60;|&#x0*3c;|%3c)/?[a-z]|\b(?:java|vb|live)script\s*:|\bdata:[\w.+-]+/[\w.+-]+|"
    r"\bon(?:error|load|click|mouse\w+|focus|blur|toggle|begin|animation\w+|pointer\w+)\s*=|"
    r"!?\[[^\]\n]*\]\(|^\s{0,3}\[[^\]\n]+\]:\s|!\[|"
    r"\b(?:https?|ftp|file|mailto|tel|sms):|\bwww\.|[\w.+-]@[\w-]+\.\w|"
    r"\b[\w-]+\.(?:com|net|org|info|io|biz|xyz|site|online|app|link|click|top|ru|cn|example|test|invalid)\b",
    re.IGNORECASE | re.MULTILINE,
)
_TRAPS = re.compile(
    r"\b(?:do not|don['’]t|never|no need to|instead of) (?:call(?:ing)?|ring|phone|dial)\w* (?:911|112|999|"
    r"an? ambulance|(?:the )?emergency)|\bno ambulance\b|"
    r"\b(?:send|text|enter|give|provide|read out|type|verify|confirm|submit)\b[^.]{0,30}\byour (?:social security|"
    r"(?:health )?insurance|credit card|card|bank|account|passport) (?:numbers?|details|data)\b|"
    r"\b(?:enter|send|text|type|confirm) (?:\w+ ){0,2}(?:password|pin code)\b|\bverify your identity\b|"
    r"\byour account (?:was|is|has been) (?:locked|suspended|blocked)\b|"
    r"^\W*(?:double|triple|halve|increase|stop|skip|change)\b[^.]{0,60}\bwithout (?:asking|telling|informing) "
    r"(?:anyone|any ?body|your (?:doctor|team))\b|"
    r"^\W*(?:stop|quit) (?:taking )?(?:your|all|any)\b[^.]{0,40}\b(?:never|for good|forever)\b|"
    r"^\W*(?:flush|throw away|burn|skip|cancel|double|triple)\s+(?:all|every|your|the)\b(?![^.]*\b(?:if|unless|doctor|"
    r"nurse|pharmacist|team|expir\w+|unused|old)\b)|"
    r"\b(?:must|should) take (?:two|three|four|five|six|seven|eight|nine|ten|\d+) [^.]{0,40}\bat once\b",
    re.IGNORECASE,
)


def speaks_to_machine(sentence: str) -> bool:
    """Whether a sentence, or a heading, is meant for a machine that reads it, not for a person.

    It names a machine and what it must say, wants rules ignored or shown, lays down what an answer is to hold, sets up
    a role, or has the marks of another's turn in a chat; in English, or, for the commonest order, in seven languages
    more. Letters that look alike and digits inside words are read as what they stand for. What no reader is served by
    counts too: a long run of spaced letters or of base64.
    """
    plain = _plain(sentence)
    found = _ORDERS.search(plain) or any(sign.search(sentence) for sign in (_TURNS, _CODED, _SPACED))
    return bool(found)


def has_active_content(text: str) -> bool:
    """Whether a text holds what a window would load, run or make clickable, or characters that nobody sees.

    That is markup, also as entities; addresses of the web and of mail; links and pictures in Markdown; the marks of a
    chat template; zero-width, bidirectional and tag characters.
    """
    return bool(_ACTIVE.search(text) or _TURNS.search(text) or _HIDDEN.search(text))


def endangers(sentence: str) -> bool:
    """Whether a sentence tells its reader to call no help, to hand over secrets, or to change doses unasked."""
    return bool(_TRAPS.search(sentence))


def is_foreign(sentence: str) -> bool:
    """Whether most of the letters are of a script that this service does not read: neither Latin nor Greek."""
    letters = [char for char in sentence if char.isalpha()]
    strange = sum(not _READ.match(unicodedata.name(char, "")) for char in letters if not char.isascii())
    return 2 * strange > len(letters)


def _plain(sentence: str) -> str:
    """Lower-case words as a reader takes them: nothing hidden, look-alike letters as Latin, digits as letters."""
    text = _HIDDEN.sub("", unicodedata.normalize("NFKC", sentence)).casefold()
    if re.search("[a-z]", text):
        text = text.translate(_TWINS)
    return _DISGUISED.sub(lambda word: word[0].translate(_DIGITS), text)

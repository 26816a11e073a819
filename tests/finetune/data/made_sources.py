"""Small records of every kind of source, and an embedder whose vectors can be counted."""

import re
import zlib

import numpy as np

PUBMEDQA = {
    "pmid": "101",
    "question": "Does imatinib help in chronic myeloid leukemia?",
    "contexts": ["Imatinib was compared with interferon in 553 patients.", "Response was seen in 76% against 14%."],
    "long_answer": "Imatinib was more effective than interferon.",
    "answer": "yes",
}
PAIR = {
    "question": "What is (are) Anemia ?",
    "answer": "Key Points\nAnemia is a condition with too few red blood cells. Many people feel tired.\n- a list",
}
FEEDBACK = {
    "question": "How does imatinib work?",
    "answer": "Imatinib blocks the BCR::ABL1 protein [1].",
    "passages": ["Imatinib blocks the BCR::ABL1 protein.", "Dasatinib is taken once a day."],
    "approved": True,
}
CIVIC = {
    "gene": "FLT3",
    "variant": "ITD",
    "disease": "Acute Myeloid Leukemia",
    "drugs": "Midostaurin",
    "evidence_type": "Predictive",
    "evidence_level": "A",
    "evidence_direction": "Supports",
    "evidence_statement": "Midostaurin improved survival of patients with FLT3 ITD. Cells were kept at 37 degrees.",
    "citation_id": "28644114",
}
REPORTS = "Response,age,WBC_G_L,Platelets_G_L,Fibrinogen_g_L,LDH_UI_L\n"


def bag_of_words(texts):
    """Unit vectors of hashed words, shape (n, 256): as near as two texts share words."""
    vectors = np.full((len(texts), 256), 1e-6, np.float32)
    for row, text in enumerate(texts):
        for word in re.findall(r"\w+", text.casefold()):
            vectors[row, zlib.crc32(word.encode()) % 256] += 1
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

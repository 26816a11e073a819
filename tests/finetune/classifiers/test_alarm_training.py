import numpy as np

from finetune.classifiers.alarm import AlarmConfig, Messages, cross_validated, figures, fit, read_messages


def test_the_fit_parts_two_classes():
    vectors = np.asarray([[1, 0], [0.9, 0.1], [-1, 0], [-0.9, 0.2], [-0.8, -0.1]], np.float32)
    weights, bias = fit(vectors, np.asarray([1.0, 1, 0, 0, 0]), 0.1)
    scores = vectors @ weights + bias
    assert (scores[:2] > 0).all() and (scores[2:] < 0).all()


def test_the_gradient_is_nothing_at_the_fit():
    rng = np.random.default_rng(0)
    vectors, labels = rng.normal(size=(60, 3)).astype(np.float32), (rng.random(60) < 0.3).astype(float)
    decay = 0.5
    weights, bias = fit(vectors, labels, decay)
    share = labels.mean()
    each = np.where(labels == 1, 0.5 / share, 0.5 / (1 - share))
    p = 1 / (1 + np.exp(-(vectors.astype(float) @ weights + bias)))
    assert np.abs(vectors.T @ (each * (p - labels)) + decay * weights).max() < 1e-4


def test_messages_without_anything_to_read_are_left_out(tmp_path):
    (tmp_path / "t.toml").write_text(
        'emergency = ["dad is grey", "x is cold"]\ncalm = ["no fever", "I am well", "I sing"]\n'
    )
    (tmp_path / "s.toml").write_text('none = ["my hat is red"]\n')
    messages = read_messages([tmp_path / "t.toml"], [tmp_path / "s.toml"])
    assert messages.texts == ["dad is grey", "x is cold", "I am well", "I sing", "my hat is red"]
    assert messages.labels.tolist() == [1, 1, 0, 0, 0]


def test_no_message_is_judged_by_a_net_that_saw_it():
    # One dimension parts the classes, but for the last message: labelled 1, it lies among those of 0.
    vectors = np.asarray([[1.0]] * 20 + [[-1.0]] * 20 + [[-1.0]], np.float32)
    labels = np.asarray([1.0] * 20 + [0.0] * 20 + [1.0])
    made = cross_validated(vectors, labels, AlarmConfig())
    assert (made[:20] > 0.5).all() and (made[20:] < 0.5).all()


def test_the_figures_count_what_the_net_adds():
    messages = Messages(["dad is grey", "she is well", "I sing"], ["", "", ""], np.asarray([1.0, 0.0, 0.0]))
    made = figures(np.asarray([0.95, 0.7, 0.1]), messages, AlarmConfig(emergency=0.9, urgent=0.6))
    assert made["recall_alone"] == 1.0
    assert made["false_alarms_added"] == 0.0 and made["false_urgent_added"] == 0.5

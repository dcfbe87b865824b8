import pytest
import torch

from auricle.errors import ConfigError, ShapeError
from auricle.layers import AdditiveAttention, Bidirectional, EncoderDecoder, Gru, LightGru, Lstm

START, END, TOKENS = 0, 1, 6
DECODERS = {
    "lstm": lambda: Lstm(11, 8),
    "lstm_projected": lambda: Lstm(11, 8, projection_size=5, learn_initial_state=True),
    "gru": lambda: Gru(11, 8, learn_initial_state=True),
    "gru_before": lambda: Gru(11, 8, reset="before"),
    "light_gru": lambda: LightGru(11, 8),
}


def translator(decoder="gru", *, seed=0):
    torch.manual_seed(seed)
    encoder = Bidirectional(Gru(3, 4), Gru(3, 3))
    sizes = {"encoded_size": 7, "embedding_size": 4, "attention_size": 6}
    return EncoderDecoder(encoder, DECODERS[decoder](), num_tokens=TOKENS, **sizes)


def test_attention_equals_its_equation():
    torch.manual_seed(0)
    attention = AdditiveAttention(3, 4, attention_size=5).double()
    query, memory = torch.randn(2, 3).double(), torch.randn(2, 6, 4).double()
    inside = torch.arange(6) < torch.tensor([6, 2])[:, None]
    context, weights = attention(query, memory, keys=attention.keys(memory), inside=inside)
    w, u, b = attention.query.weight, attention.key.weight, attention.key.bias
    for row, length in ((0, 6), (1, 2)):
        frames = memory[row, :length]
        energy = [
            attention.score.weight[0] @ torch.tanh(w @ query[row] + u @ m + b) for m in frames
        ]
        powers = torch.stack(energy).exp()
        shares = powers / powers.sum()
        torch.testing.assert_close(weights[row, :length], shares)
        torch.testing.assert_close(context[row], (shares[:, None] * frames).sum(0))
        assert not weights[row, length:].any()


@pytest.mark.parametrize("decoder", DECODERS)
def test_teacher_forcing_equals_single_steps(decoder):
    model = translator(decoder)
    x, lengths = torch.randn(2, 9, 3), torch.tensor([9, 5])
    tokens = torch.tensor([[START, 3, 2], [START, 5, 4]])
    whole = model(x, lengths, tokens=tokens)
    state = model.encode(x, lengths)
    for index in range(3):
        logits, _, state = model.step(tokens[:, index], state)
        torch.testing.assert_close(logits, whole[:, index])
    none = model(x, lengths, tokens=tokens[:, :0])
    assert none.shape == (2, 0, TOKENS)


def test_padding_and_neighbours_change_nothing():
    model = translator()
    x, lengths = torch.randn(2, 9, 3), torch.tensor([9, 5])
    tokens = torch.tensor([[START, 3, 2], [START, 5, 4]])
    whole = model(x, lengths, tokens=tokens)
    padded = x.clone()
    padded[1, 5:] = 40.0
    torch.testing.assert_close(model(padded, lengths, tokens=tokens), whole, atol=0, rtol=0)
    alone = model(x[1:, :5], lengths[1:], tokens=tokens[1:])
    torch.testing.assert_close(alone, whole[1:], atol=1e-6, rtol=0)


def test_every_parameter_gets_a_gradient():
    model = translator()
    tokens = torch.randint(0, TOKENS, (2, 5))
    logits = model(torch.randn(2, 9, 3), torch.tensor([9, 5]), tokens=tokens)
    (logits * torch.randn_like(logits)).sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.abs().max() > 0, name


@pytest.mark.parametrize("decoder", DECODERS)
def test_generation_takes_the_best_token_until_the_end(decoder):
    model = translator(decoder)
    with torch.no_grad():
        model.out.bias[END] += 0.15
    x, lengths = torch.randn(40, 9, 3), torch.full((40,), 9)
    made = model.generate(x, lengths, start=START, end=END, max_steps=7)
    steps = made.tokens.shape[1]
    given = torch.cat([torch.full((40, 1), START), made.tokens[:, :-1]], dim=1)
    best = model(x, lengths, tokens=given).argmax(dim=2)
    assert made.weights.shape == (40, steps, 9) and steps <= 7
    torch.testing.assert_close(made.weights.sum(dim=2), torch.ones(40, steps))
    for row in range(40):
        length = int(made.lengths[row])
        upto = min(length + 1, steps)
        assert torch.equal(best[row, :upto], made.tokens[row, :upto])
        assert END not in made.tokens[row, :length].tolist()
        assert set(made.tokens[row, length:].tolist()) <= {END}


def test_it_learns_to_copy_backwards():
    """A task that needs attention to the right frame: write the sequence from its end."""
    torch.manual_seed(0)
    encoder = Bidirectional(Gru(4, 16), Gru(4, 16))
    decoder = Gru(8 + 32, 32)
    model = EncoderDecoder(
        encoder, decoder, encoded_size=32, num_tokens=6, embedding_size=8, attention_size=16
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(120):
        loss, _ = copying_loss(model, 64)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    x, words = copying_task(200)
    made = model.generate(x, torch.full((200,), 5), start=START, end=END, max_steps=6)
    right = (made.tokens[:, :5] == words.flip(1)).all(dim=1).float().mean()
    assert right > 0.95
    assert (made.lengths == 5).float().mean() > 0.95
    assert (made.weights[:, :5].argmax(dim=2) == torch.arange(4, -1, -1)).float().mean() > 0.6


def copying_task(count):
    words = torch.randint(2, 6, (count, 5))
    return torch.nn.functional.one_hot(words - 2, 4).float(), words


def copying_loss(model, count):
    x, words = copying_task(count)
    edge = torch.full((count, 1), START)
    targets = torch.cat([words.flip(1), torch.full((count, 1), END)], dim=1)
    logits = model(x, torch.full((count,), 5), tokens=torch.cat([edge, words.flip(1)], dim=1))
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()), logits


def test_what_does_not_fit_is_named():
    with pytest.raises(ConfigError, match=r"decoder: expected input_size = .* 4 \+ 7, got 12"):
        EncoderDecoder(Gru(3, 7), Gru(12, 8), encoded_size=7, num_tokens=6, embedding_size=4)
    model = translator()
    x, lengths = torch.randn(2, 9, 3), torch.tensor([9, 5])
    with pytest.raises(
        ShapeError, match="tokens: expected 0 <= token < num_tokens = 6, got 0 to 6"
    ):
        model(x, lengths, tokens=torch.tensor([[0, 6], [1, 2]]))
    with pytest.raises(ShapeError, match="tokens: expected"):
        model.generate(x, lengths, start=0, end=-1, max_steps=3)
    with pytest.raises(ShapeError, match="lengths: expected 2 lengths of 1 to 9"):
        model.encode(x, torch.tensor([9, 10]))
    with pytest.raises(ConfigError, match="max_steps: expected >= 1, got 0"):
        model.generate(x, lengths, start=0, end=1, max_steps=0)

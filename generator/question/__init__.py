"""What a question asks for by itself, its subjects and the phrases it is recognised by."""

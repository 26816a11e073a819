"""Is a message an emergency: signs, their contexts and combinations, temperatures and values."""

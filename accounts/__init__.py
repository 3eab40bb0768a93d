"""Who acts, for whom, with what right, and the proof."""

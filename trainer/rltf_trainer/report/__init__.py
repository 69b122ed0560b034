"""What a run tells people: the metrics it writes, its progress, the page it leaves behind."""

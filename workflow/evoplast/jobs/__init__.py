"""What a job of the workflow needs: its log, its threads, the digest of its source."""

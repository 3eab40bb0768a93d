"""The deployment as its technical administrator sees it: queues, jobs, systems, the audit chain; no identity, no content."""

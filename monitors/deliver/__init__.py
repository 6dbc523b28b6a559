"""Gets messages to people: never lost, never twice."""

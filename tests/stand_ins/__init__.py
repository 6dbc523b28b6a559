"""What tests stand in the place of the world with: servers that people's mail and chat go to, and example messages."""

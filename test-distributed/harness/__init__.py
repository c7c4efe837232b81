"""What the black-box tests stand on: real nodes, a real PostgreSQL, clients that watch the contract."""

"""The ways out of the house: a module each, all alike; CHANNEL_GATEWAYS says which one serves which channel."""

"""Other systems are told what happened: Standard Webhooks (standardwebhooks.com). What they get: docs/webhooks.md."""

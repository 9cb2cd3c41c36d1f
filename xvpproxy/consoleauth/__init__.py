"""Who may look at a console, and until when: mint, check and revoke over the token stores."""

"""U1: every read names a purpose, and sees only what that purpose may see."""

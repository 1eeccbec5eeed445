"""Small tools without a domain word in them: clock, identities, dates, pages."""

"""The wire's own vocabulary: key names, envelopes, date spellings, JSON, XML, errors. Nobody else knows them."""

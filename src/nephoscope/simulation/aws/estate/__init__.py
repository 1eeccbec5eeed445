"""A made-up company's AWS account, with good and bad settings: Meridian sells train tickets in two regions."""

"""The stored projection: resources as the sealed bytes that the API returns, with blind search rows beside them."""

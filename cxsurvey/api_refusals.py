"""What the API answers where it refuses: the same shapes everywhere, and named in its document for every address."""

from typing import Any

API = "/api/"
DETAIL = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
BY_NAME: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {
        "oneOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}},
            {"$ref": "#/components/schemas/RefusedByName"},
        ]
    },
}
"""What is wrong in a list or in an object stands under the place in it."""
REFUSALS = {
    "400": ("What is wrong, by the name of what was said; or as `detail`.", "RefusedByName", BY_NAME),
    "401": ("No token, or one that opens nothing.", "Refused", DETAIL),
    "403": ("The user has not the right, or the token not the scope.", "Refused", DETAIL),
    "404": ("Nothing is there.", "Refused", DETAIL),
}
OF_BODIES = {"415": ("Expected JSON.", "Refused", DETAIL)}
"""Where something is sent."""


def describe_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add to every operation of the document how it refuses (a hook of drf-spectacular)."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    for of_path in result["paths"].values():
        for operation in of_path.values():
            refusals = REFUSALS | (OF_BODIES if "requestBody" in operation else {})
            for status, (words, name, shape) in refusals.items():
                schemas[name] = shape
                told = {"schema": {"$ref": f"#/components/schemas/{name}"}}
                operation["responses"].setdefault(status, {"description": words, "content": {"application/json": told}})
    return result

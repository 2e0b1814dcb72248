"""Every C identifier that generated code has.

Operations and members are named by botocore's own rule (xform_name), so that the names are those
that people know from boto3. Names are claimed over the whole model, not only over what is
generated of it, so that adding an operation renames nothing.
"""

import re

from .errors import Where

_WORD_START = re.compile(r"(.)([A-Z][a-z]+)")
_HUMP = re.compile(r"([a-z0-9])([A-Z])")
_PLURAL_ACRONYM = re.compile(r"[A-Z]{2,}s$")

# Operations in which botocore keeps a word together that its rule would split: the word, then the
# operations. Only these names; other names with the same word follow the rule.
_WORDS = {
    "iSCSI": """
        CreateCachediSCSIVolume CreateStorediSCSIVolume DescribeCachediSCSIVolumes
        DescribeStorediSCSIVolumes""",
    "HITs": "ListHITsForQualificationType",
    "PartiQL": "ExecutePartiQLBatch ExecutePartiQLStatement ExecutePartiQLTransaction",
    "OAuth2": """
        CreateOAuth2Token CreateOAuth2TokenWithIAM IntrospectOAuth2TokenWithIAM
        RevokeOAuth2TokenWithIAM""",
    "OTel": "GetOTelEnrichment StartOTelEnrichment StopOTelEnrichment UpdateOTelEnrichment",
    "WhatsApp": """
        AssociateWhatsAppBusinessAccount CreateWhatsAppDataset CreateWhatsAppFlow
        CreateWhatsAppMessageTemplate CreateWhatsAppMessageTemplateFromLibrary
        CreateWhatsAppMessageTemplateMedia DeleteWhatsAppFlow DeleteWhatsAppMessageMedia
        DeleteWhatsAppMessageTemplate DeprecateWhatsAppFlow DisassociateWhatsAppBusinessAccount
        GetLinkedWhatsAppBusinessAccount GetLinkedWhatsAppBusinessAccountPhoneNumber
        GetWhatsAppBusinessPublicKey GetWhatsAppCallPermission GetWhatsAppFlow
        GetWhatsAppFlowPreview GetWhatsAppMessageMedia GetWhatsAppMessageTemplate
        ListLinkedWhatsAppBusinessAccounts ListWhatsAppFlowAssets ListWhatsAppFlows
        ListWhatsAppMessageTemplates ListWhatsAppTemplateLibrary PostWhatsAppMessageMedia
        PublishWhatsAppFlow PutWhatsAppBusinessAccountEventDestinations
        PutWhatsAppBusinessPublicKey SendWhatsAppCallEvent SendWhatsAppConversionEvent
        SendWhatsAppMessage UpdateLinkedWhatsAppBusinessAccountPhoneNumber UpdateWhatsAppFlow
        UpdateWhatsAppFlowAssets UpdateWhatsAppMessageTemplate""",
}
_KEPT_TOGETHER = {name: word for word, names in _WORDS.items() for name in names.split()}

_KEYWORDS = frozenset(
    # C11, C17, C23
    """auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch typedef
    union unsigned void volatile while alignas alignof bool constexpr false nullptr static_assert
    thread_local true typeof typeof_unqual asm fortran"""
    # C++20, alternative operator names included
    """ and and_eq bitand bitor catch char8_t char16_t char32_t class co_await co_return co_yield
    compl concept const_cast consteval constinit decltype delete dynamic_cast explicit export
    friend mutable namespace new noexcept not not_eq operator or or_eq private protected public
    reinterpret_cast requires static_cast template this throw try typeid typename using virtual
    wchar_t xor xor_eq"""
    # macros of C libraries and compilers
    """ errno stdin stdout stderr linux unix i386 complex imaginary noreturn""".split()
)


def xform_name(name: str) -> str:
    """CreateExportTask -> create_export_task, exactly as botocore does it."""
    if "_" in name:
        return name
    word = _KEPT_TOGETHER.get(name)
    if word is not None:
        name = name.replace(word, word.capitalize())
    plural = _PLURAL_ACRONYM.search(name)
    if plural is not None:
        name = f"{name[: plural.start()]}_{plural.group().lower()}"
    return _HUMP.sub(r"\1_\2", _WORD_START.sub(r"\1_\2", name)).lower()


def snake(name: str) -> str:
    """xform_name for each of the parts that other characters separate: Foo_BarBaz -> foo_bar_baz."""
    parts = re.split(r"[^A-Za-z0-9]+", name)
    return re.sub(r"_+", "_", "_".join(xform_name(part) for part in parts if part)).strip("_")


def member_name(name: str) -> str:
    name = snake(name)
    if name in _KEYWORDS:
        return name + "_"
    return "n" + name if name[:1].isdigit() else name


def constant_part(value: str) -> str:
    """An enum value as the end of a constant: aws:kms -> AWS_KMS; what has no letter or digit is
    spelled in hexadecimal."""
    text = snake(value).upper()
    if text:
        return text
    return "X" + "".join(f"{ord(c):02X}" for c in value) if value else "EMPTY"


def constant_parts(values: list[str], taken: tuple[str, ...] = ()) -> list[str]:
    """constant_part of each; those that differ in punctuation or case alone are numbered from the
    second on, in the model's order."""
    natural = [constant_part(value) for value in values]
    used = {*taken, *natural}
    seen = set(taken)
    result = []
    for part in natural:
        if part in seen:
            number = 2
            while f"{part}_{number}" in used:
                number += 1
            part = f"{part}_{number}"
            used.add(part)
        seen.add(part)
        result.append(part)
    return result


class Registry:
    """Identifiers of one C name space, each with the thing that has it."""

    def __init__(self):
        self._owners = {}

    def __contains__(self, name: str) -> bool:
        return name in self._owners

    def __iter__(self):
        return iter(self._owners)

    def claim(self, name: str, owner: str, where: Where) -> str:
        other = self._owners.setdefault(name, owner)
        if other != owner:
            where.fail(f"{owner} and {other} both become {name} in C")
        return name

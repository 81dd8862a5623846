"""What is said directly before or behind a name, and makes it a patient's or somebody's of the staff."""

import re

_GAP = r"""[\s,:;("'“‘–-]{0,4}$"""  # no full stop: behind it somebody else may come
_KIN = r"""(?: son | daughter | wife | husband | family | mum | mother | dad | father | sister | brother | partner
    | gran\w* | n[ae]na? | nain | taid | mamgu | tadcu | tad | mam\w* | dadi | ammi | babcia | aunt\w* | uncle | niece
    | nephew | cousin | relatives? | next\ of\ kin | carer | widow
    | children | friend | neighbour | [a-z]{3,8}-in-law )"""
_MY = r"(?:m\s?y|rny|our|his|her|their)"  # `rny` is how recognisers see it
_DEAR = r"""(?:\ (?:late|dear|dearest|beloved|darling|best|oldest|old|elderly|poor|lovely|own|younger|older|eldest
    | youngest|little|big|only|disabled))?"""
HANDS_ON = re.compile(
    rf"""(?ix) \b(?: look(?:s|ed|ing)?\ after | car(?:e|es|ed|ing)\ (?:for|of) | nurs(?:ed|ing) | tend(?:ed|ing)\ to
    | treat(?:ed|ing) | (?:sat|sit|sitting|stay(?:ed|ing)?)\ with | visit(?:ed|ing|s)? | wash(?:ed|ing) | bath(?:ed|ing)
    | fe(?:d|eding) | comfort(?:ed|ing) | did\ for | done\ for | admitted | discharged )\b{_GAP}"""
)
ABOUT_A_PATIENT = re.compile(
    rf"""(?ix) (?: \bon\ behalf\ of | \bmy\ name(?:\W{{0,2}}i?s)?
    | \bnames?\ of\ (?:the\ )?patients?(?:\ is)? | \bpatients?['’]?s?,?\ names?(?:\ is)?
    | \b(?: famil(?:y|ies) | relatives? | children | grandchildren | friends? | parents? | mother | mum | father | dad
        | wife | husband | son | daughter | sister | brother | partner | carer | widow(?:er)? )\ of(?:\ the\ late)?
    | \bthe\ late | \blittle | \bbaby | \bi\ am | \bi[’']m | \b(?:signed|regarding|re|about)[\ :,-]*patient
    | \bfor\ patient | \bin\ (?:loving\ )?memory\ of | \bbed\s?\w{{1,3}} )\b{_GAP}"""
)
BEHIND = re.compile(
    rf"""(?ix) ^(?: ['’]s?\ {_KIN}\b(?!\ (?:must|should|can|will)\ be)
    | \W{{0,3}}\((?:a\ |the\ )?(?:patient|pt)\b
    | ,\s?(?:a\ |the\ |was\ a\ |an?\ in)?(?:patient|pt)\b(?!\W+(?:and|kind|caring|gentle|funny|,))
    | \W{{1,3}}(?:was|is|were|as)\ an?\ (?:in|out)?patient\b | \W{{1,2}}patient\W{{1,3}}(?:on|in|at|of|bed|bay|ward)\b
    | \W{{1,3}}(?:was\ |here\W{{1,3}}|who\ was\ |is\ |who\ is\ |lying\ |sitting\ )?(?:in\ |at\ |from\ |on\ )?bed\b
    | \W{{1,3}}(?:is\ |was\ )?aged?\W{{0,2}}\d | \s?\(\s?(?:aged?\ )?\d{{1,3}}\s?\) | ,\s?\d{{2,3}}\b(?!\s?(?:/|%|out))
    | \W{{1,3}}(?:who\ )?(?:sadly\ )?(?:passed\ away|passed\ on|died|has\ died|had\ died|(?:has|had)\ passed)
    | \W{{1,3}}d\.?\s?o\.?\s?b\b | \W{{1,3}}born\b | \W{{1,3}}date\ of\ birth
    | \W{{1,3}}(?:n\s?h\s?s|hosp|mrn)\W{{0,3}}(?:n[ou]|id)
    | \W{{1,3}}(?:who\ )?(?:was|were|had\ been|has\ been|is|has)\ (?:being\ )?
      (?: admitted | dying | discharged | treated | looked\ after | cared\ for | nursed | operated\ on | brought\ in
        | so\ poorly | very\ poorly | poorly | unwell | confused | a\ patient | in\ hospital | dementia )
    | \W{{1,3}}(?:who\ )?(?:had|has)\ (?:no\ visitors|not\ been|dementia|a\ stroke|a\ fall|cancer|an\ operation) )"""
)
SAID_TO_BE_FAMILY = re.compile(
    rf"""(?ix) ^(?: \W{{1,3}}(?:who\ )?(?:is|was)\ {_MY}{_DEAR}\ {_KIN}\b(?!['’]s)
    | \W{{1,3}}(?:and\ )?(?:she|he|they)(?:\ is|\ was|['’]s)\ {_MY}{_DEAR}\ {_KIN}\b(?!['’]s)
    | \W{{1,3}}(?:a\ |the\ )?(?:\w+\ )?(?:mum|mam|mother|dad|father|gran\w*|nana?|wife|husband|widow)\ (?:of|to)\b )"""
)
"""Joan Smith is my mother; Joan Smith, mother of four."""
BESIDE_FAMILY = re.compile(
    rf"""(?ix) ^(?: \s?[,(]\s?{_MY}{_DEAR}\ {_KIN}\b\s?(?:[,.)]|was|is|has|had|came|in|on|$)
    | \s{{1,2}}{_MY}{_DEAR}\ {_KIN}\b\s?(?:[,.;:)!]|was|is|has|had|came|in|on|who|broke|fell|died|passed|could|would|did
        | speaks|spoke|loves?d?|needed|stayed|arrived|spent|went|$) )"""
)
"""Joan Smith, my mum, was; Joan Smith my mum was. Where Joan Smith is thanked, another sentence begins there."""
SIGNED_BEFORE = re.compile(r"(?i)\b(?:from|signed|sincerely|faithfully|regards|love|thanks)[\s,:;.–-]{1,4}$")
PATIENT_BEHIND = re.compile(r"(?i)^[\s,(–-]{1,4}(?:an? |the )?(?:in|out)?-?(?:patient|pt)\b(?! (?:and|with|kind|care))")
"""From Joan Smith, patient."""
WEAKLY_BEFORE = re.compile(r"(?i)\b(?:signed|gratefully|sincerely|faithfully)\W{1,4}$")
WEAKLY_BEHIND = re.compile(r"(?i)^(?:\W{1,3}(?:in|on|from) (?:the )?(?:next|side|opposite)\b|\W{1,3}could not\b)")
_STAFF_ROLE = r"""
    (?: staff | student | charge | senior | lead | ward | night | day | bank | agency | specialist | community
    | district | research | practice )?\W?
    (?: nurse | sister | matron | midwife | physio\w* | hca | h\.c\.a | health\s?care | doctor | dr | consultant
    | surgeon | porter | volunteer | manager | receptionist | domestic | cleaner | housekeeper | paramedic | diet\w+
    | radiographer | pharmacist | phlebotomist | therapist | technician | practitioner | chaplain | anaesthetist
    | registrar
    | secretary | ot | sho | fy\d | gp | staff | team )\b"""
STAFF_BEHIND = re.compile(
    rf"""(?ix) ^(?: \W{{1,3}}(?:\(|who\ is\ |is\ |was\ |as\ )?(?:the\ |a\ |an\ |our\ |my\ |her\ |his\ )? {_STAFF_ROLE}
    | \W{{1,3}}and\ (?:his|her|the|their)\ (?:\w+\ )?(?:team|staff|colleagues)
    | \W{{1,3}}operated | ['’]s?\ (?:line\ )?(?:patients?|favourite|manager|colleague|team|care|boss|mentor|ward)\b )"""
)

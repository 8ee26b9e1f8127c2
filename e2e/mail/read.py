"""Prints the mails of a maildir as JSON, as Python's email package reads them."""
import email
import email.policy
import json
import mailbox
import sys

mails = []
for message in mailbox.Maildir(sys.argv[1], factory=lambda f: email.message_from_binary_file(f, policy=email.policy.default)):
    defects = [str(d) for part in message.walk() for d in part.defects]
    defects += [f"{name}: {d}" for name, value in message.items() for d in value.defects]
    mails.append({
        "defects": defects,
        "headers": {name.lower(): str(value) for name, value in message.items()},
        "names": [name.lower() for name in message.keys()],
        "from_name": message["from"].addresses[0].display_name,
        "text": message.get_body(("plain",)).get_content(),
        "html": message.get_body(("html",)).get_content(),
        "received": message.get_all("received"),
    })
json.dump(mails, sys.stdout)

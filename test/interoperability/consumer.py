"""Prints what a consumer without our library makes of each message.

Usage: consumer.py PORT PROTOCOL, with the standard library and paho-mqtt.
"""

import base64
import gzip
import json
import sys

import paho.mqtt.client as mqtt

PORT, PROTOCOL = int(sys.argv[1]), sys.argv[2]


def event_of(message):
    """The attributes of an event and its data, from either content mode."""
    properties = getattr(message, "properties", None)
    content_type = getattr(properties, "ContentType", None)
    pairs = getattr(properties, "UserProperty", [])
    if content_type is None or content_type.startswith("application/cloudevents"):
        event = json.loads(message.payload)
        if "data_base64" in event:
            data = base64.b64decode(event.pop("data_base64"))
        else:
            data = json.dumps(event.pop("data")).encode()
        return "structured", event, data
    return "binary", dict(pairs, datacontenttype=content_type), message.payload


def on_message(_client, _userdata, message):
    if message.topic == "probe":
        return
    mode, attributes, data = event_of(message)
    if attributes.get("contentencoding") == "gzip":
        data = gzip.decompress(data)
    line = {"topic": message.topic, "mode": mode, "attributes": attributes}
    if attributes["datacontenttype"] == "application/json":
        line["json"] = json.loads(data)
    else:
        line["hex"] = data.hex()
    print(json.dumps(line), flush=True)


options = {"protocol": mqtt.MQTTv5 if PROTOCOL == "5" else mqtt.MQTTv311}
if hasattr(mqtt, "CallbackAPIVersion"):
    options["callback_api_version"] = mqtt.CallbackAPIVersion.VERSION2
client = mqtt.Client(**options)
client.on_message = on_message
client.on_connect = lambda client, *_: client.subscribe("#", qos=2)
client.connect("127.0.0.1", PORT)
client.loop_forever()

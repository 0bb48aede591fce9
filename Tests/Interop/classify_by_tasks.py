"""Prints what the TensorFlow Lite Task Library says of images, as JSON. It needs an environment of its own."""
import json
import sys

import numpy
from tflite_support import metadata
from tflite_support.task import core, processor, vision

model, images = sys.argv[1], numpy.load(sys.argv[2])
classifier = vision.ImageClassifier.create_from_options(
    vision.ImageClassifierOptions(
        base_options=core.BaseOptions(file_name=model),
        classification_options=processor.ClassificationOptions(max_results=1)))
answers = []
for image in images:
    category = classifier.classify(vision.TensorImage.create_from_array(image)).classifications[0].categories[0]
    answers.append({"class": category.category_name, "label": category.index, "score": category.score})
displayer = metadata.MetadataDisplayer.with_model_file(model)
print(
    json.dumps(
        {
            "answers": answers, "files": displayer.get_packed_associated_file_list(),
            "metadata": json.loads(displayer.get_metadata_json()),
        }))

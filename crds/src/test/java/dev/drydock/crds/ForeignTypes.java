package dev.drydock.crds;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRuleBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;

/** Schemas of Kubernetes' own types, with descriptions and limits. */
final class ForeignTypes {
  private ForeignTypes() {}

  /** A label selector whose operators exist. */
  static void selector(JSONSchemaProps schema) {
    replace(
        schema,
        """
        type: object
        properties:
          matchLabels:
            description: "Labels that a Host must have, each with this value."
            type: object
            maxProperties: 20
            additionalProperties: {type: string, maxLength: 63}
          matchExpressions:
            description: "Demands on labels; all of them must hold."
            type: array
            maxItems: 20
            items:
              type: object
              required: [key, operator]
              properties:
                key:
                  description: "The label's name."
                  type: string
                  minLength: 1
                  maxLength: 317
                operator:
                  description: "In and NotIn compare with values; Exists and DoesNotExist don't."
                  type: string
                  enum: [In, NotIn, Exists, DoesNotExist]
                values:
                  description: "What In and NotIn compare with."
                  type: array
                  maxItems: 50
                  items: {type: string, maxLength: 63}
              x-kubernetes-validations:
              - rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)"
                message: "In and NotIn need values; Exists and DoesNotExist take none"
        """);
  }

  /** A port's number, or a name, which has a letter in it. */
  static void targetPort(JSONSchemaProps schema) {
    schema.setMinimum(1.0);
    schema.setMaximum(65535.0);
    schema.setMaxLength(15L);
    schema.setPattern("^[a-z0-9-]*[a-z][a-z0-9-]*$");
    // To match it would cost more than an API server of 1.29 allows of what may be a number, too.
    schema.setXKubernetesValidations(
        List.of(
            new ValidationRuleBuilder()
                .withRule("type(self) == int || !isQuantity(self)")
                .withMessage("write a port's number without quotes, or its name in the container")
                .build()));
  }

  /** What Drydock relies on is checked here; the API server checks the rest in the Deployment. */
  static void podTemplate(JSONSchemaProps schema) {
    replace(
        schema,
        """
        type: object
        required: [spec]
        properties:
          metadata:
            description: "Labels and annotations of the pods. Drydock adds its own."
            type: object
            properties:
              labels:
                description: "Labels of the pods."
                type: object
                maxProperties: 50
                additionalProperties: {type: string, maxLength: 63}
                x-kubernetes-validations:
                - rule: "!('drydock.dev/color' in self) && !('drydock.dev/revision' in self)"
                  message: "drydock.dev/color and drydock.dev/revision are set by Drydock: leave them out"
              annotations:
                description: "Annotations of the pods."
                type: object
                maxProperties: 100
                additionalProperties: {type: string}
          spec:
            description: "The pod, as in kubectl explain deployment.spec.template.spec."
            type: object
            required: [containers]
            x-kubernetes-preserve-unknown-fields: true
            properties:
              restartPolicy:
                description: "Always, as in every Deployment."
                type: string
                enum: [Always]
              containers:
                description: "The containers, as in kubectl explain pod.spec.containers."
                type: array
                minItems: 1
                maxItems: 20
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items:
                  type: object
                  required: [name, image]
                  x-kubernetes-preserve-unknown-fields: true
                  properties:
                    name:
                      description: "The container's name, unique in the pod."
                      type: string
                      minLength: 1
                      maxLength: 63
                      pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
                    image:
                      description: "The image; its tag or digest is what a new version differs in."
                      type: string
                      minLength: 1
                      maxLength: 512
        """);
  }

  private static void replace(JSONSchemaProps schema, String yaml) {
    JSONSchemaProps made = Serialization.unmarshal(yaml, JSONSchemaProps.class);
    schema.setType(made.getType());
    schema.setRequired(made.getRequired());
    schema.setProperties(made.getProperties());
  }
}

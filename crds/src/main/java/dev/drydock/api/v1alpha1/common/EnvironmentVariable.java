package dev.drydock.api.v1alpha1.common;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** One environment variable of a container. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "!(has(self.value) && has(self.valueFrom))",
    message = "set value or valueFrom, not both")
public record EnvironmentVariable(
    @Required
        @Size(min = 1, max = 256)
        @Pattern(Formats.VARIABLE)
        @JsonPropertyDescription("The variable's name.")
        String name,
    @Size(max = 4096) @JsonPropertyDescription("Its value; what is secret belongs into valueFrom.")
        @Nullable String value,
    @JsonPropertyDescription("Where its value is, instead of value.")
        @Nullable ValueFrom valueFrom) {

  /** Where a value is. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "has(self.secretKeyRef) != has(self.configMapKeyRef)",
      message = "set exactly one of secretKeyRef and configMapKeyRef")
  public record ValueFrom(
      @JsonPropertyDescription("A key of a Secret in the same namespace.")
          @Nullable SecretKeyReference secretKeyRef,
      @JsonPropertyDescription("A key of a ConfigMap in the same namespace.")
          @Nullable ConfigMapKeyReference configMapKeyRef) {}

  /** One key of a ConfigMap of the same namespace. */
  public record ConfigMapKeyReference(
      @Required
          @Size(min = 1, max = 253)
          @Pattern(Formats.OBJECT_NAME)
          @JsonPropertyDescription("Name of a ConfigMap in the same namespace.")
          String name,
      @Required
          @Size(min = 1, max = 253)
          @Pattern(Formats.DATA_KEY)
          @JsonPropertyDescription("Key within the ConfigMap's data.")
          String key) {}
}

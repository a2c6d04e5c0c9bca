package dev.drydock.api.v1alpha1.common;

/** How much a finding matters, in ascending order. */
public enum Severity {
  Info,
  Warning,
  Critical
}
